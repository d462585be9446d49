"""What nobody answers goes on to the next person, until somebody does; restarts double nothing."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.errors import Unavailable
from backend.services.lease import FencedError
from jobs.escalate import digest_due, escalate_due
from jobs.process import Process
from tests.alerts.conftest import Send
from tests.conftest import Clock
from tests.people import Person, enrolled, phone, staff

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
Stored = Database[dict[str, Any]]


def minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def head(database: Stored) -> dict[str, Any]:
    """Give the alert that heads the work list."""
    found = database["alerts"].find().sort([("tier_rank", 1), ("raised_at", 1), ("_id", 1)])
    return next(iter(found))


def rung(database: Stored, since: dt.datetime) -> Counter[str]:
    """Count the messages owed since a moment by recipient."""
    query = {"created_at": {"$gte": since}}
    return Counter(entry["recipient_id"] for entry in database["outbox"].find(query))


def test_one_diary_rings_each_nurse_once_whatever_it_raised(
    send: Send, nurse: Person, database: Stored
) -> None:
    send(10)
    assert database["alerts"].count_documents({}) > 1
    # Their channel is the console, which needs no second one.
    assert rung(database, LONG_AGO) == {nurse.id: 1}


def test_an_emergency_climbs_to_the_desk_and_rings_on(
    send: Send,
    nurse: Person,
    investigator: Person,
    desk: Person,
    clock: Clock,
    process: Process,
    database: Stored,
) -> None:
    send(10)
    first = clock.now
    expected = {
        5: {nurse.id, investigator.id},
        15: {nurse.id, investigator.id},
        30: {nurse.id, investigator.id, desk.id},
        45: {nurse.id, investigator.id, desk.id},
        60: {nurse.id, investigator.id, desk.id},
    }
    for after, people in expected.items():
        clock.now = first + minutes(after) - dt.timedelta(seconds=1)
        before = head(database)["escalation"]
        escalate_due(process)
        assert head(database)["escalation"] == before, after
        clock.now = first + minutes(after)
        assert escalate_due(process) > 0
        assert rung(database, clock.now) == dict.fromkeys(people, 1), after
        assert escalate_due(process) == 0
    steps = [step["step"] for step in head(database)["steps"]]
    assert steps == ["raised", *["escalated"] * 5]


def test_who_has_it_is_rung_no_more(
    send: Send, nurse: Person, clock: Clock, process: Process, database: Stored
) -> None:
    send(10)
    for alert in nurse.get("/alerts").get_json()["items"]:
        taken = {"step": "acknowledge", "rev": alert["rev"]}
        assert nurse.post(f"/alerts/{alert['id']}/steps", taken).status_code == 200
    clock.now += minutes(600)
    assert escalate_due(process) == 0
    assert rung(database, clock.now) == {}


def test_a_clock_that_was_away_takes_one_step_at_a_time(
    send: Send, clock: Clock, process: Process, database: Stored
) -> None:
    send(10)
    clock.now += minutes(600)
    assert escalate_due(process) > 0
    assert head(database)["escalation"] == 2
    assert escalate_due(process) == 0
    clock.now += minutes(1)
    assert escalate_due(process) > 0
    assert head(database)["escalation"] == 3


def test_two_clocks_take_each_step_once(
    send: Send, clock: Clock, build: Callable[..., Process]
) -> None:
    send(10)
    clock.now += minutes(5)
    assert escalate_due(build("one")) > 0
    # The second takes over a moment later.
    clock.now += dt.timedelta(seconds=9)
    assert escalate_due(build("two")) == 0


def test_a_clock_that_was_overtaken_decides_nothing(
    send: Send, clock: Clock, build: Callable[..., Process], database: Stored
) -> None:
    old = build("old")
    send(10)
    clock.now += minutes(5)
    new = build("new")
    assert new.fence.number == (old.fence.number or 0) + 1
    with pytest.raises(FencedError):
        escalate_due(old)
    assert head(database)["escalation"] == 1
    assert escalate_due(new) > 0


def test_duty_is_rung_first_and_the_whole_site_where_nobody_is_on(
    app: flask.Flask, send: Send, nurse: Person, database: Stored
) -> None:
    other = staff(app, "nurse", "S01")
    hours = {"site": "S01", "role": "nurse", "days": ["mon"], "begins": "08:00", "ends": "17:00"}
    # It is Monday, 16:00 in Shanghai.
    added = nurse.post("/rosters", {**hours, "staff_id": other.id})
    assert added.status_code == 201, added.text
    assert nurse.get("/rosters/on-duty?site=S01").get_json()["nurses"] == [other.id]
    send(10)
    assert rung(database, LONG_AGO) == {other.id: 1}
    shift = added.get_json()["id"]
    assert nurse.call("DELETE", f"/rosters/{shift}").status_code == 204
    assert nurse.call("DELETE", f"/rosters/{shift}").status_code == 409
    assert nurse.get("/rosters?site=S01").get_json() == []


def test_where_a_site_has_nobody_the_desk_is_rung_and_then_the_console(
    app: flask.Flask, send: Send, nurse: Person, clock: Clock, database: Stored
) -> None:
    database["staff"].update_one({"_id": nurse.id}, {"$set": {"active": False}})
    send(7)
    assert rung(database, LONG_AGO) == {"nobody": 1}
    desk = staff(app, "safety_reviewer")
    clock.now += minutes(1)
    send(10, "2026-03-01")
    assert rung(database, clock.now) == {desk.id: 1}


def test_nobody_is_put_on_duty_without_the_role(
    app: flask.Flask, nurse: Person, desk: Person
) -> None:
    hours = {"site": "S01", "role": "nurse", "days": ["mon"], "begins": "08:00", "ends": "17:00"}
    assert nurse.post("/rosters", {**hours, "staff_id": desk.id}).status_code == 422
    backwards = {"since": "2026-03-02", "until": "2026-03-01", "staff_id": nurse.id}
    assert nurse.post("/rosters", {**hours, **backwards}).status_code == 422
    far = staff(app, "nurse", "S02")
    assert far.get("/rosters?site=S01").status_code == 404
    assert far.get("/rosters?site=S99").status_code == 404


def test_what_can_wait_until_the_morning_does_not_ring_at_night(
    send: Send, clock: Clock, database: Stored
) -> None:
    clock.now = dt.datetime(2026, 3, 2, 16, tzinfo=dt.UTC)
    send(1, symptoms=[{"symptom": "hand_foot", "severity": 2}])
    alert = head(database)
    assert alert["tier"] == "same_day"
    (entry,) = database["outbox"].find()
    # Seven in the morning in Shanghai.
    assert entry["due_at"] == dt.datetime(2026, 3, 2, 23, tzinfo=dt.UTC)


def test_routine_alerts_come_as_one_message_a_day(
    send: Send, nurse: Person, clock: Clock, build: Callable[..., Process], database: Stored
) -> None:
    clock.now = dt.datetime(2026, 3, 2, 22, tzinfo=dt.UTC)
    send(4)
    assert {alert["tier"] for alert in database["alerts"].find()} == {"routine"}
    assert rung(database, LONG_AGO) == {}
    # Before half past seven in Shanghai nothing is told; after that once, by whichever clock.
    assert digest_due(build("one")) == 0
    clock.now = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)
    assert digest_due(build("two")) == 1
    clock.now += dt.timedelta(seconds=9)
    assert digest_due(build("three")) == 0
    (entry,) = database["outbox"].find()
    assert (entry["recipient_id"], entry["message"]["kind"]) == (nurse.id, "alert_digest")
    clock.now += minutes(24 * 60)
    assert digest_due(build("four")) == 1


def test_a_digest_of_nothing_is_not_sent(process: Process, clock: Clock) -> None:
    clock.now = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)
    assert digest_due(process) == 0


@pytest.mark.parametrize("stools", [7, 10])
def test_a_message_says_nothing_but_that_something_waits(
    send: Send, clock: Clock, process: Process, database: Stored, stools: int
) -> None:
    send(stools)
    clock.now += minutes(60)
    escalate_due(process)
    for entry in database["outbox"].find():
        assert set(entry["message"]) == {"kind", "locale", "id", "v", "tier"}


def test_a_patient_whose_lock_is_held_holds_up_nobody_else(
    nurse: Person, clock: Clock, process: Process, database: Stored
) -> None:
    """A killed process leaves its transaction open, and with it the lock of one patient (ADR 4)."""
    first, second = enrolled(nurse), enrolled(nurse)
    for number in (first, second):
        patient = phone(nurse, number)
        body = {
            "submission_id": str(uuid.uuid4()),
            "day": "2026-03-02",
            "reported_at": clock.now.isoformat(),
            "zone": "Asia/Shanghai",
            "observations": {"stools_per_day": 2, "chest_pain": True},
        }
        assert patient.post("/diaries", body).status_code == 201
        clock.advance(seconds=1)
    clock.advance(minutes=10)
    with database.client.start_session() as session:
        session.start_transaction()
        locks = database["story_locks"]
        # The one who is due first, so that the other stands behind.
        locks.update_one({"_id": first}, {"$inc": {"stories": 1}}, session=session)
        with pytest.raises(Unavailable):
            escalate_due(process)
        session.abort_transaction()
    steps = {
        number: [step["step"] for step in alert["steps"]]
        for number in (first, second)
        for alert in database["alerts"].find({"subject_id": number, "flag_id": "CHEST_PAIN"})
    }
    assert steps == {first: ["raised"], second: ["raised", "escalated"]}
    assert escalate_due(process) > 0
    assert escalate_due(process) == 0
