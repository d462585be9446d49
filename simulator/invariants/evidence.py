"""All that can be seen from the outside, read once: receipts, the database, FCM's side, the faults."""

import datetime as dt
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.database import Database

from simulator.told import Told
from tests.stubs.http import Received

Stored = Mapping[str, Any]
Spans = Sequence[tuple[float, float]]
# What is read of each collection; nothing else is needed, and assessments are large.
_READ: Mapping[str, Sequence[str]] = {
    "diaries": ("submission_id", "subject_id", "day", "payload", "version", "superseded"),
    "assessments": ("subject_id", "source_kind", "source_id", "at", "flags.id", "flags.tier"),
    "alerts": (),
    "outbox": (),
    "windows": ("subject_id", "day", "diary_id", "state"),
    "lab_results": ("subject_id", "submission_id", "report_id", "analyte", "value"),
    "audit": ("action", "target", "stream", "seq"),
    "exposures": ("subject_id", "component", "first", "cycle"),
}
# After a kill another clock waits for the lease, and the killed one must load its rules (seconds).
_AFTERMATH = 15.0


@dataclass(frozen=True, slots=True)
class Policy:
    """How a tier is followed: minutes after it rang, and then again and again; empty: it is not."""

    steps: tuple[float, ...]
    again: float | None

    def due(self, taken: int, rung: dt.datetime) -> dt.datetime | None:
        """Give when the step after `taken` is due."""
        if taken < len(self.steps):
            return rung + dt.timedelta(minutes=self.steps[taken])
        if not self.steps or self.again is None:
            return None
        more = taken - len(self.steps) + 1
        return rung + dt.timedelta(minutes=self.steps[-1] + more * self.again)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen; `wall_of` tells when a moment of the trial was, in seconds of the machine's clock.

    `down` and `foul`: when something of ours was being killed, and when FCM misbehaved.
    """

    told: Told
    stored: Mapping[str, Sequence[Stored]]
    received: Sequence[Received]
    policies: Mapping[str, Policy]
    now: dt.datetime
    wall_of: Callable[[dt.datetime], float]
    down: Spans
    foul: Spans

    def calm(self, begun: dt.datetime, ended: dt.datetime, *, also: Spans = ()) -> float:
        """Give the seconds between two moments in which nothing stood in the way."""
        return self.calm_seconds(self.wall_of(begun), self.wall_of(ended), also=also)

    def calm_seconds(self, begun: float, ended: float, *, also: Spans = ()) -> float:
        """Give the same between two times of the machine's clock."""
        troubled = 0.0
        reached = begun
        for first, last in sorted((*self.down, *also)):
            low, high = max(first, reached), min(last + _AFTERMATH, ended)
            if high > low:
                troubled += high - low
                reached = high
        return ended - begun - troubled


def read_evidence(
    database: Database[Stored],
    *,
    told: Told,
    received: Sequence[Received],
    study: Path,
    now: dt.datetime,
    wall_of: Callable[[dt.datetime], float],
    down: Spans,
    foul: Spans,
) -> Evidence:
    """Read what is stored, with a client of its own."""
    stored = {
        name: list(database[name].find({}, dict.fromkeys(fields, 1) or None))
        for name, fields in _READ.items()
    }
    return Evidence(told, stored, received, read_policies(study), now, wall_of, down, foul)


def read_policies(study: Path) -> dict[str, Policy]:
    """Read from the study's file how each tier is followed: by its words, not by the product's code."""
    tiers = tomllib.loads(study.read_text(encoding="utf-8"))["alerts"]["tier"]
    return {
        name: Policy(
            tuple(step["after_minutes"] for step in tier.get("step", [])),
            tier.get("repeat_minutes"),
        )
        for name, tier in tiers.items()
    }


def twice(keys: Iterable[object]) -> list[object]:
    """Give what comes more than once, each once."""
    seen: set[object] = set()
    found: dict[object, None] = {}
    for key in keys:
        if key in seen:
            found[key] = None
        seen.add(key)
    return list(found)
