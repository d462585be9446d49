"""A small trial to draw."""

import flask
import pytest

from backend.access import Grant, Role
from tests.people import Person, dosed, enrolled, judgement, phone, staff, staff_with

COMPONENTS = ("ql1706", "regorafenib", "capecitabine", "oxaliplatin", "radiotherapy")


@pytest.fixture
def clinician(app: flask.Flask) -> Person:
    return staff(app, "investigator")


@pytest.fixture
def reviewer(app: flask.Flask) -> Person:
    return staff_with(app, (Grant(Role.SAFETY_REVIEWER, None, unblinded=True),))


def labs(clinician: Person, subject: str, day: str, **values: float) -> None:
    """Record results with upper limits of 40 U/L and 20 umol/L."""
    units = {"alt": ("U/L", 40), "bilirubin": ("umol/L", 20), "alp": ("U/L", 125)}
    body = {
        "submission_id": f"0b2ff7a4-3f0b-4f0c-9d5a-{subject[-4:]}{day.replace('-', '')}",
        "collected_at": f"{day}T08:00:00+08:00",
        "results": [
            {"analyte": name, "value": value, "unit": units[name][0], "uln": units[name][1]}
            for name, value in values.items()
        ],
    }
    answer = clinician.post(f"/subjects/{subject}/labs", body)
    assert answer.status_code == 201, answer.text


def diary(person: Person, day: str, **symptoms: dict[str, int]) -> None:
    body = {
        "submission_id": f"0b2ff7a4-3f0b-4f0c-9d5a-0000{day.replace('-', '')}",
        "day": day,
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [{"symptom": name, **answers} for name, answers in symptoms.items()],
    }
    answer = person.post("/diaries", body)
    assert answer.status_code == 201, answer.text


@pytest.fixture
def trial(clinician: Person) -> list[str]:
    """Give one of A with results, two diaries a day apart and events; one of B; one never treated."""
    numbers = [enrolled(clinician), enrolled(clinician, arm="B"), enrolled(clinician)]
    for number in numbers[:2]:
        dosed(clinician, number, "2026-02-02")
    labs(clinician, numbers[0], "2026-02-10", alt=130, bilirubin=45)
    labs(clinician, numbers[0], "2026-02-20", alt=90, bilirubin=30, alp=100)
    labs(clinician, numbers[1], "2026-02-10", alt=30)
    body = judgement(COMPONENTS, grade=3, onset="2026-02-20", seriousness=["hospitalisation"])
    assert clinician.post(f"/subjects/{numbers[0]}/adverse-events", body).status_code == 201
    mobile = phone(clinician, numbers[0])
    diary(mobile, "2026-02-28", fatigue={"severity": 2, "interference": 1})
    diary(mobile, "2026-03-02", fatigue={"severity": 0}, cough={"severity": 1})
    return numbers
