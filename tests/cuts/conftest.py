"""A small trial that goes on after its data cut was taken, and the clock that takes cuts."""

import flask
import pytest

from backend.access import Grant, Role
from backend.services.data_cut import take_next_cut
from backend.services.lease import Fence, hold_clock
from tests.conftest import Clock
from tests.people import Person, dosed, enrolled, judgement, staff, staff_with

COMPONENTS = ("ql1706", "regorafenib", "capecitabine", "oxaliplatin", "radiotherapy")


@pytest.fixture
def clinician(app: flask.Flask) -> Person:
    return staff(app, "investigator")


@pytest.fixture
def reviewer(app: flask.Flask) -> Person:
    return staff_with(app, (Grant(Role.SAFETY_REVIEWER, None, unblinded=True),))


def event(clinician: Person, subject_id: str, **changes: object) -> str:
    answer = clinician.post(
        f"/subjects/{subject_id}/adverse-events", judgement(COMPONENTS, **changes)
    )
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


@pytest.fixture
def trial(clinician: Person) -> list[str]:
    """Give two treated subjects at two sites, each with an event in February."""
    numbers = [enrolled(clinician, "S01"), enrolled(clinician, "S02", arm="B")]
    for number in numbers:
        randomised = {"rev": 0, "kind": "randomised", "on": "2026-01-30"}
        assert clinician.post(f"/subjects/{number}/milestones", randomised).status_code == 201
        dosed(clinician, number, "2026-02-01")
        event(clinician, number, onset="2026-02-10", end="2026-02-27", outcome="RECOVERED/RESOLVED")
    return numbers


@pytest.fixture
def fence(clock: Clock) -> Fence:
    return Fence(hold_clock("this clock", now=clock()))


def taken(reviewer: Person, fence: Fence, clock: Clock, cutoff: str = "2026-02-20") -> str:
    """Ask for a cut, let the clock take it, and give its id."""
    answer = reviewer.post("/data-cuts/", {"cutoff": cutoff, "reason": "yearly safety report"})
    assert answer.status_code == 202, answer.text
    fence.number = hold_clock("this clock", now=clock())
    assert take_next_cut(fence=fence, now=clock(), stopping=lambda: False)
    return str(answer.get_json()["id"])
