"""PRO scores over time, from diaries as phones send them."""

import uuid
from typing import Any

import flask
import pytest

from tests.people import Person, dosed, enrolled, phone, staff

FIRST_DOSE = "2026-01-12"


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


def diary(day: str, frequency: int, severity: int | None, **changes: object) -> dict[str, Any]:
    symptom: dict[str, Any] = {"symptom": "abdominal_pain", "frequency": frequency}
    if severity is not None:
        symptom |= {"severity": severity, "interference": severity}
    return {
        "submission_id": str(uuid.uuid4()),
        "day": day,
        "reported_at": f"{day}T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [symptom],
        **changes,
    }


def sent(patient: Person, body: dict[str, Any]) -> dict[str, Any]:
    answer = patient.post("/diaries", body)
    assert answer.status_code == 201, answer.text
    return body


def treated(nurse: Person) -> tuple[str, Person]:
    subject_id = enrolled(nurse)
    dosed(nurse, subject_id, FIRST_DOSE)
    return subject_id, phone(nurse, subject_id)


def pain(reader: Person, subject_id: str) -> dict[str, Any]:
    answer = reader.get(f"/subjects/{subject_id}/pro-scores?symptom=abdominal_pain")
    assert answer.status_code == 200, answer.text
    (found,) = answer.get_json()
    return {"baseline_on": found["baseline_on"]} | {
        one["measure"]: one for one in found["measures"]
    }


def test_scores_are_read_against_the_last_diary_up_to_the_first_dose(nurse: Person) -> None:
    subject_id, patient = treated(nurse)
    sent(patient, diary("2026-01-08", 3, 2))
    sent(patient, diary("2026-01-11", 1, 1))
    sent(patient, diary("2026-01-13", 2, 2))
    wrong = sent(patient, diary("2026-01-15", 4, 4))
    typo = {"submission_id": wrong["submission_id"], "reason": "meant another day"}
    sent(patient, diary("2026-01-15", 3, 3, amends=typo))
    # Nothing at all that day: what is skipped after that is 0, and so is the composite.
    sent(patient, diary("2026-01-17", 0, None))
    found = pain(nurse, subject_id)
    assert found["baseline_on"] == "2026-01-11"
    severity = found["severity"]
    assert severity["summary"] | {"areas": None} == {
        "baseline": 1,
        "observed": 3,
        "worst": 3,
        "adjusted": 3,
        "change_worst": 2,
        "change_latest": -1,
        "areas": None,
    }
    # Days 0, 2, 4, 6 with 1, 2, 3, 0: 1 + 3 + the part above of the fall from 3 to 0.
    assert severity["summary"]["areas"]["worsening"] == pytest.approx(1 + 3 + 4 / 3)
    assert severity["summary"]["areas"]["improvement"] == pytest.approx(-1 / 3)
    assert severity["reached_on"] == "2026-01-15"
    assert [one["score"] for one in severity["scores"]] == [2, 1, 2, 3, 0]
    assert found["composite"]["scores"][-1] == {"day": "2026-01-17", "score": 0}
    patients = patient.get(f"/subjects/{subject_id}/pro-scores")
    assert patients.status_code == 200


def test_without_a_diary_before_treatment_there_is_no_change(nurse: Person) -> None:
    subject_id, patient = treated(nurse)
    sent(patient, diary("2026-01-13", 4, 3))
    found = pain(nurse, subject_id)
    assert found["baseline_on"] is None
    summary = found["severity"]["summary"]
    assert (summary["worst"], summary["baseline"], summary["change_worst"]) == (3, None, None)
    assert summary["areas"] is None


def test_before_the_first_dose_nothing_has_changed_yet(nurse: Person) -> None:
    subject_id = enrolled(nurse)
    sent(phone(nurse, subject_id), diary("2026-01-08", 3, 2))
    found = pain(nurse, subject_id)
    assert (found["baseline_on"], found["severity"]["summary"]["observed"]) == (None, 0)


def test_the_cohort_is_who_the_reader_may_see(app: flask.Flask, nurse: Person) -> None:
    for severity in (1, 3):
        _, patient = treated(nurse)
        sent(patient, diary("2026-01-12", 1, 0))
        sent(patient, diary("2026-01-14", severity, severity))
        sent(patient, diary("2026-01-22", 1, 1))
    treated(nurse)
    path = "/pro-scores?symptom=abdominal_pain&measure=severity"
    found = staff(app, "safety_reviewer").get(path).get_json()
    assert (found["subjects"], found["without_baseline"]) == (2, 1)
    assert found["means"] == [
        {"week": 0, "mean": 0.0},
        {"week": 1, "mean": 2.0},
        {"week": 2, "mean": 1.0},
    ]
    # Weeks 0, 1, 2 with means 0, 2, 1: 1 + 1.5.
    assert found["areas"] == {"worsening": 2.5, "improvement": 0}
    assert found["incidence"][0] == {
        "time": 1,
        "reached": 1,
        "followed": 2,
        "subjects": 2,
        "proportion": 0.5,
    }
    far = staff(app, "nurse", "S02").get(path).get_json()
    assert (far["subjects"], far["areas"], far["incidence"]) == (0, None, [])


def test_what_is_not_asked_is_refused(nurse: Person) -> None:
    subject_id, _ = treated(nurse)
    assert nurse.get(f"/subjects/{subject_id}/pro-scores?symptom=aura").status_code == 422
    assert nurse.get("/pro-scores?symptom=fatigue&measure=colour").status_code == 422
