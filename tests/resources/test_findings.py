"""What staff found: assessed at once, counted later, and nothing half."""

import datetime as dt
import uuid
from typing import Any

import flask
import pytest
from pymongo.database import Database

from tests.conftest import Clock
from tests.people import Person, dosed, enrolled, phone, staff


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    number = enrolled(nurse)
    dosed(nurse, number, "2026-01-12")
    return number


def finding(clock: Clock, **values: object) -> dict[str, Any]:
    return {
        "submission_id": str(uuid.uuid4()),
        "observed_at": (clock.now - dt.timedelta(hours=1)).isoformat(),
        "values": values,
    }


def assessment(database: Database[dict[str, Any]], source_id: str) -> dict[str, Any]:
    found = database["assessments"].find_one({"source_id": source_id})
    assert found is not None
    return found


def test_an_ecg_is_graded_like_a_diary(
    nurse: Person, subject_id: str, clock: Clock, database: Database[dict[str, Any]]
) -> None:
    answer = nurse.post(f"/subjects/{subject_id}/findings", finding(clock, qtc_ms=485))
    assert answer.status_code == 201, answer.text
    grades = assessment(database, answer.get_json()["id"])["grades"]
    term = "Electrocardiogram QT corrected interval prolonged"
    assert {one["term"]: one["grade"] for one in grades}[term] == 2
    (known,) = nurse.get(f"/subjects/{subject_id}/findings").get_json()
    assert known["values"] == {"qtc_ms": 485}


def test_a_taper_stays_on_record_until_it_is_stated_anew(
    app: flask.Flask,
    nurse: Person,
    subject_id: str,
    clock: Clock,
    database: Database[dict[str, Any]],
) -> None:
    nurse.post(f"/subjects/{subject_id}/findings", finding(clock, steroid_taper_organ="GI"))
    clock.now += dt.timedelta(days=9)
    # Nine days later both sign in anew.
    nurse = staff(app, "nurse", "S01")
    patient = phone(nurse, subject_id)

    def organs(day: str) -> set[str]:
        body = {
            "submission_id": str(uuid.uuid4()),
            "day": day,
            "reported_at": clock.now.isoformat(),
            "zone": "Asia/Shanghai",
            "observations": {"taper_worse": True},
        }
        receipt = patient.post("/diaries", body).get_json()
        flags = assessment(database, receipt["diary_id"])["flags"]
        (flag,) = [one for one in flags if one["id"] == "IRAE_FLARE_ON_TAPER"]
        return set(flag["organs"])

    plain = organs("2026-03-11") - {"GI"}
    assert organs("2026-03-11") == plain | {"GI"}
    nurse.post(f"/subjects/{subject_id}/findings", finding(clock, steroid_taper_organ="hepatic"))
    assert organs("2026-03-11") == plain | {"hepatic"}
    nurse.post(f"/subjects/{subject_id}/findings", finding(clock, steroid_taper_organ="none"))
    assert organs("2026-03-11") == plain


def test_a_repeat_changes_nothing_and_another_content_is_refused(
    nurse: Person, subject_id: str, clock: Clock, database: Database[dict[str, Any]]
) -> None:
    said = finding(clock, qtc_ms=485)
    first = nurse.post(f"/subjects/{subject_id}/findings", said).get_json()
    assert nurse.post(f"/subjects/{subject_id}/findings", said).get_json() == first
    other = {**said, "values": {"qtc_ms": 500}}
    assert nurse.post(f"/subjects/{subject_id}/findings", other).status_code == 409
    assert database["findings"].count_documents({}) == 1
    assert database["assessments"].count_documents({"source_kind": "finding"}) == 1


def test_what_staff_are_not_asked_is_refused(
    nurse: Person, subject_id: str, clock: Clock, database: Database[dict[str, Any]]
) -> None:
    wrong = finding(clock, stools_per_day=3, qtc_ms="long", no_such=True)
    answer = nurse.post(f"/subjects/{subject_id}/findings", wrong)
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.get_json()["errors"]} == {
        "/values/stools_per_day",
        "/values/qtc_ms",
        "/values/no_such",
    }
    ahead = finding(clock, qtc_ms=440)
    ahead["observed_at"] = (clock.now + dt.timedelta(hours=1)).isoformat()
    assert nurse.post(f"/subjects/{subject_id}/findings", ahead).status_code == 422
    assert database["findings"].count_documents({}) == 0
