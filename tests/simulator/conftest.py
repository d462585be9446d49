"""One small trial, lived once for all tests: four patients, six days, the web process killed."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from simulator.__main__ import examine, gather
from simulator.drive import Pace
from simulator.faults import Kills
from simulator.invariants import Evidence, Findings
from simulator.plan import default_start, make_plan
from simulator.run import Lived, Options, lived
from simulator.system import WEB

# A seed whose few patients do everything: alarming days, a burst, both kinds of repeats, a correction.
SEED, PATIENTS, DAYS = 418, 4, 6


@dataclass(frozen=True)
class Shown:
    """A trial that was lived through, and what was found in it."""

    trial: Lived
    findings: Findings
    evidence: Evidence

    def read_again(self) -> Evidence:
        """Read the database anew."""
        return gather(self.trial)


@pytest.fixture(scope="package")
def shown(mongodb_uri: str) -> Iterator[Shown]:
    """Give the trial; nothing changes in it but what a test breaks."""
    plan = make_plan(SEED, PATIENTS, DAYS, default_start(SEED, DAYS))
    # One worker and short moments: a test has no time, and the writes are what is looked at.
    options = Options(
        kills=Kills(1, 2, (WEB,), times=1),
        weather=False,
        pace=Pace(writers=4, beat=0.05),
        workers=1,
        hurry=0.5,
        uri=mongodb_uri,
        # On a server that others use too nobody's transactions are ended: a kill may cost a minute there.
        unlocks="MONGODB_URI" not in os.environ,
    )
    with lived(plan, options) as trial:
        evidence = gather(trial)
        findings = examine(trial, evidence)
        yield Shown(trial, findings, evidence)


@pytest.fixture
def stored(shown: Shown) -> Mapping[str, list[dict[str, Any]]]:
    """Give a copy of what is stored, to be broken."""
    copied = shown.read_again().stored
    return {name: [dict(one) for one in rows] for name, rows in copied.items()}
