"""Who falls silent is seen: after three missed days on treatment, or 48 hours after a bad day."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import flask
import pytest
from pymongo.database import Database

from jobs.process import Process
from jobs.silence import watch_silence
from tests.conftest import Clock
from tests.people import Person, dosed, enrolled, phone, staff

Stored = Database[dict[str, Any]]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    number = enrolled(nurse)
    # The clock of the tests stands at 2 March, 16:00 in Shanghai.
    dosed(nurse, number, "2026-02-20")
    return number


def sent(patient: Person, clock: Clock, **observations: object) -> None:
    day = (clock.now + 8 * HOUR).date().isoformat()
    body = {
        "submission_id": str(uuid.uuid4()),
        "day": day,
        "reported_at": clock.now.isoformat(),
        "zone": "Asia/Shanghai",
        "observations": observations or {"stools_per_day": 1},
    }
    answer = patient.post("/diaries", body)
    assert answer.status_code == 201, answer.text


def silent(database: Stored) -> list[dict[str, Any]]:
    return list(database["alerts"].find({"flag_id": "DIARY_SILENCE"}))


def test_three_missed_days_on_treatment_are_seen_once(
    nurse: Person, subject_id: str, clock: Clock, process: Process, database: Stored
) -> None:
    sent(phone(nurse, subject_id), clock)
    clock.now += 3 * 24 * HOUR
    # Two whole days are missing: today's diary may still come.
    assert watch_silence(process) == 0
    clock.now += 24 * HOUR
    assert watch_silence(process) == 1
    assert watch_silence(process) == 0
    (alert,) = silent(database)
    assert (alert["subject_id"], alert["tier"]) == (subject_id, "same_day")
    assert "missed_diaries 3" in alert["reason"]
    assert database["outbox"].count_documents({"alert_id": alert["_id"]}) == 1
    stored = database["assessments"].find_one({"source_kind": "silence"})
    assert stored is not None
    assert stored["grades"] == []
    # The next day it is still silent: the alert that is open says so, and nobody is rung again.
    clock.now += 24 * HOUR
    assert watch_silence(process) == 1
    assert database["outbox"].count_documents({"alert_id": alert["_id"]}) == 1


def test_a_diary_ends_the_silence(
    app: flask.Flask,
    nurse: Person,
    subject_id: str,
    clock: Clock,
    process: Process,
    database: Stored,
) -> None:
    sent(phone(nurse, subject_id), clock)
    clock.now += 3 * 24 * HOUR
    # A sign-in does not last for days.
    sent(phone(staff(app, "nurse", "S01"), subject_id), clock)
    clock.now += 24 * HOUR
    assert watch_silence(process) == 0
    assert silent(database) == []


def test_silence_after_a_bad_day_is_seen_after_48_hours(
    nurse: Person, subject_id: str, clock: Clock, process: Process, database: Stored
) -> None:
    sent(phone(nurse, subject_id), clock, stools_per_day=10)
    assert database["alerts"].count_documents({"tier": {"$in": ["urgent", "emergency"]}})
    clock.now += 47 * HOUR
    assert watch_silence(process) == 0
    clock.now += 1 * HOUR
    assert watch_silence(process) == 1
    (alert,) = silent(database)
    assert "missed_hours_after_alert 48" in alert["reason"]


def test_a_bad_day_that_was_dealt_with_is_not_waited_for(
    nurse: Person, subject_id: str, clock: Clock, process: Process, database: Stored
) -> None:
    sent(phone(nurse, subject_id), clock, stools_per_day=10)
    for alert in database["alerts"].find():
        done = {"step": "close", "note": "in hospital", "rev": alert["rev"]}
        assert nurse.post(f"/alerts/{alert['_id']}/steps", done).status_code == 200
    clock.now += 49 * HOUR
    assert watch_silence(process) == 0


def test_who_never_had_a_phone_is_not_silent_and_who_never_wrote_is(
    app: flask.Flask, subject_id: str, clock: Clock, process: Process, database: Stored
) -> None:
    clock.now += 10 * 24 * HOUR
    assert watch_silence(process) == 0
    phone(staff(app, "nurse", "S01"), subject_id)
    clock.now += 3 * 24 * HOUR
    assert watch_silence(process) == 0
    clock.now += 24 * HOUR
    assert watch_silence(process) == 1
    assert len(silent(database)) == 1


def test_who_left_the_study_is_not_waited_for(
    nurse: Person, subject_id: str, clock: Clock, process: Process
) -> None:
    sent(phone(nurse, subject_id), clock)
    rev = nurse.get(f"/subjects/{subject_id}").get_json()["rev"]
    left = {"rev": rev, "kind": "off_study", "on": "2026-03-02"}
    answer = nurse.post(f"/subjects/{subject_id}/milestones", left)
    assert answer.status_code == 201, answer.text
    clock.now += 9 * 24 * HOUR
    assert watch_silence(process) == 0


def test_a_second_clock_doubles_nothing(
    nurse: Person,
    subject_id: str,
    clock: Clock,
    build: Callable[..., Process],
    database: Stored,
) -> None:
    sent(phone(nurse, subject_id), clock)
    clock.now += 4 * 24 * HOUR
    assert [watch_silence(build(owner)) for owner in ("one", "two")] == [1, 0]
    assert len(silent(database)) == 1
    assert database["assessments"].count_documents({"source_kind": "silence"}) == 1
