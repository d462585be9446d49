"""Reminders: at the time the patient chose, again until the phone confirms, never after the diary."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database

from backend.services.lease import FencedError, hold_clock
from jobs.diary import follow_diaries, remind_due
from jobs.outbox import deliver_due
from jobs.process import Process
from tests.conftest import Clock
from tests.jobs.test_diary import diary, nurse, subject_id  # noqa: F401 - fixtures
from tests.people import Person, phone

Stored = Database[dict[str, Any]]
# Soon after the test begins, so that the phone is still signed in.
CHOSEN = "16:10"


@pytest.fixture
def patient(nurse: Person, subject_id: str) -> Person:  # noqa: F811 - the fixture
    own = phone(nurse, subject_id)
    reach = {"kind": "fid", "value": "a-phone", "reminder_time": CHOSEN}
    answer = own.call("PUT", "/device/push-address", json=reach)
    assert answer.status_code == 200, answer.text
    return own


@pytest.fixture
def at(clock: Clock, process: Process) -> Callable[[str], int]:
    """Let the clock's jobs run at a time of the day in Shanghai; give how many reminders are new."""

    def run(time: str) -> int:
        clock.now = dt.datetime.fromisoformat(f"2026-03-02T{time}+08:00").astimezone(dt.UTC)
        follow_diaries(process)
        return remind_due(process)

    return run


def reminders(database: Stored) -> list[dict[str, Any]]:
    return list(database["outbox"].find({"message.kind": "diary_reminder"}).sort("created_at", 1))


@pytest.mark.usefixtures("patient")
def test_at_the_time_they_chose_then_again_while_the_day_lasts(
    at: Callable[[str], int], database: Stored
) -> None:
    times = ("16:05", "16:09", "16:10", "16:11", "18:09", "18:10", "20:10", "23:59")
    assert [at(time) for time in times] == [0, 0, 1, 0, 0, 1, 1, 0]
    sent = reminders(database)
    assert [entry["message"]["v"] for entry in sent] == ["0", "1", "2"]
    assert {entry["collapse_key"] for entry in sent} == {sent[0]["alert_id"]}
    (window,) = database["windows"].find()
    assert [step["state"] for step in window["steps"]] == ["due", "reminded"]


def test_not_again_once_the_phone_has_confirmed(
    at: Callable[[str], int], patient: Person, database: Stored
) -> None:
    assert at("16:10") == 1
    (entry,) = reminders(database)
    said = {"id": entry["message"]["id"], "v": "0", "kind": "received"}
    assert patient.post("/receipts", said).status_code == 204
    assert [at("18:10"), at("20:10")] == [0, 0]


def test_the_diary_stops_them(
    at: Callable[[str], int], patient: Person, clock: Clock, database: Stored, process: Process
) -> None:
    assert at("16:10") == 1
    patient.post("/diaries", diary(clock))
    assert [at("18:10"), at("20:10")] == [0, 0]
    # What was owed and not yet sent is sent no more.
    assert [entry["state"] for entry in reminders(database)] == ["cancelled"]
    assert deliver_due(process) == 0


@pytest.mark.usefixtures("patient")
def test_a_clock_that_slept_reminds_once_not_for_every_turn(
    at: Callable[[str], int], database: Stored
) -> None:
    assert at("16:05") == 0
    assert at("19:00") == 1
    assert at("19:01") == 0
    assert at("20:10") == 1
    assert len(reminders(database)) == 2


@pytest.mark.usefixtures("patient")
def test_none_after_the_day_is_over(
    at: Callable[[str], int], clock: Clock, process: Process
) -> None:
    assert at("16:05") == 0
    clock.now += dt.timedelta(hours=8)
    assert remind_due(process) == 0
    follow_diaries(process)
    assert remind_due(process) == 0


@pytest.mark.usefixtures("patient")
def test_a_clock_that_lost_the_lead_does_not_remind(
    at: Callable[[str], int], process: Process, clock: Clock, database: Stored
) -> None:
    assert at("16:05") == 0
    clock.now += dt.timedelta(hours=2)
    assert hold_clock("two", now=clock.now) is not None
    with pytest.raises(FencedError):
        remind_due(process)
    assert reminders(database) == []


def test_a_dead_phone_is_not_rung(
    at: Callable[[str], int], clock: Clock, patient: Person, database: Stored
) -> None:
    database["devices"].update_one({"_id": patient.id}, {"$set": {"push_dead_at": clock.now}})
    assert at("16:10") == 0
    (window,) = database["windows"].find()
    assert window["state"] == "due"


def test_without_a_chosen_time_the_studys_is_taken(
    at: Callable[[str], int],
    nurse: Person,  # noqa: F811 - the fixture
    subject_id: str,  # noqa: F811 - the fixture
) -> None:
    own = phone(nurse, subject_id)
    reach = {"kind": "token", "value": "a-phone"}
    assert own.call("PUT", "/device/push-address", json=reach).status_code == 200
    assert [at("18:59"), at("19:00")] == [0, 1]


def test_the_reminder_says_nothing_of_the_patient(
    at: Callable[[str], int], patient: Person, database: Stored
) -> None:
    assert at("16:10") == 1
    (entry,) = reminders(database)
    assert set(entry["message"]) == {"kind", "locale", "id", "v", "tier"}
    assert entry["recipient_id"] == patient.id
