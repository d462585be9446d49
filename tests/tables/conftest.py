"""A small trial that is worked by hand."""

import flask
import pytest

from backend.access import Grant, Role
from tests.people import Person, dosed, enrolled, judgement, staff, staff_with

COMPONENTS = ("ql1706", "regorafenib", "capecitabine", "oxaliplatin", "radiotherapy")
REASON = {"reason": "meeting of the monitoring committee"}


@pytest.fixture
def clinician(app: flask.Flask) -> Person:
    return staff(app, "investigator")


@pytest.fixture
def reviewer(app: flask.Flask) -> Person:
    return staff_with(app, (Grant(Role.SAFETY_REVIEWER, None, unblinded=True),))


def event(clinician: Person, subject_id: str, grade: int, **changes: object) -> None:
    body = judgement(COMPONENTS, grade=grade, **changes)
    answer = clinician.post(f"/subjects/{subject_id}/adverse-events", body)
    assert answer.status_code == 201, answer.text


@pytest.fixture
def followed(clinician: Person) -> list[str]:
    """Give four patients treated from 1 February on, as of 2 March (30 days at risk so far).

    A: colitis 3 on day 11 (MRF positive); nothing (negative). B: colitis 2 on day 21 (positive);
    dead on day 25 without another event before (negative).
    """
    numbers = [
        enrolled(clinician, arm=arm, mrf=mrf) for arm in "AB" for mrf in ("positive", "negative")
    ]
    for number in numbers:
        dosed(clinician, number, "2026-02-01")
    event(clinician, numbers[0], 3, onset="2026-02-11")
    event(clinician, numbers[2], 2, onset="2026-02-21")
    event(
        clinician,
        numbers[3],
        5,
        term="Death NOS",
        onset="2026-02-25",
        end="2026-02-25",
        seriousness=["death"],
        outcome="FATAL",
        immune_related=False,
    )
    return numbers
