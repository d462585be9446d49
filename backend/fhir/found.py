"""What a search finds: a resource with what it is found by."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from backend.clinical.rules import Ruleset
from backend.models.frame import Frame
from backend.models.study import Study


@dataclass(frozen=True, slots=True)
class Found:
    """One resource as plain values; `day` and `codes` (system, code) are what is searched by."""

    subject_id: str
    id: str
    day: dt.date | None
    codes: frozenset[tuple[str, str]]
    resource: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """From where: a frame, the sites that may be seen (None: all), from a subject on, or one subject's."""

    frame: Frame
    study: Study
    ruleset: Ruleset
    sites: Collection[str] | None
    subject: str | None = None
    since: str | None = None


Finder = Iterator[Found]


def codes_of(*concepts: dict[str, Any]) -> frozenset[tuple[str, str]]:
    """Give what concepts are found by."""
    return frozenset(
        (coding["system"], coding["code"]) for concept in concepts for coding in concept["coding"]
    )
