"""A small trial to list."""

import flask
import pytest

from tests.listings.trial import COMPONENTS
from tests.people import Person, dosed, enrolled, judgement, staff


def event(clinician: Person, subject_id: str, **changes: object) -> str:
    answer = clinician.post(
        f"/subjects/{subject_id}/adverse-events", judgement(COMPONENTS, **changes)
    )
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


@pytest.fixture
def clinician(app: flask.Flask) -> Person:
    return staff(app, "investigator")


@pytest.fixture
def trial(clinician: Person) -> list[str]:
    """Give three subjects, two of arm A at S01 and one of arm B at S02, with four events."""
    numbers = [
        enrolled(clinician, "S01"),
        enrolled(clinician, "S01"),
        enrolled(clinician, "S02", arm="B"),
    ]
    for number in numbers:
        dosed(clinician, number, "2026-02-01")
    event(clinician, numbers[0], grade=3)
    event(clinician, numbers[0], term="Nausea", grade=1, onset="2026-02-20")
    event(clinician, numbers[1], grade=2, end="2026-03-02", outcome="RECOVERED/RESOLVED")
    event(clinician, numbers[2], term="Nausea", grade=2, onset="2026-02-25")
    return numbers


@pytest.fixture
def reviewer(app: flask.Flask) -> Person:
    return staff(app, "safety_reviewer")
