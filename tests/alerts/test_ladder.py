"""From the diary to the end: each step with its time, as a ladder, as listings, as a metric."""

import datetime as dt
from typing import Any

import flask
from pymongo.database import Database

from jobs.escalate import escalate_due
from jobs.outbox import deliver_due
from jobs.process import Process
from tests.alerts.conftest import Send
from tests.conftest import Clock
from tests.people import Person, staff

Stored = Database[dict[str, Any]]


def minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def answered(nurse: Person, step: str, **said: object) -> dict[str, Any]:
    alert = nurse.get("/alerts").get_json()["items"][0]
    answer = nurse.post(f"/alerts/{alert['id']}/steps", {"step": step, "rev": alert["rev"], **said})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_ladder_has_each_step_with_its_time(
    send: Send, nurse: Person, clock: Clock, process: Process, database: Stored
) -> None:
    send(7)
    start = clock.now
    clock.now += dt.timedelta(seconds=2)
    assert deliver_due(process) == 1
    # The device says that it is there, and that it was opened.
    confirmed = {"received_at": start + minutes(1), "opened_at": start + minutes(2)}
    database["outbox"].update_one({}, {"$set": confirmed})
    clock.now = start + minutes(3)
    alert = answered(nurse, "acknowledge")
    clock.now = start + minutes(9)
    answered(nurse, "called", note="drinks and rests")
    clock.now = start + minutes(12)
    answered(nurse, "close", note="better")
    rungs = nurse.get(f"/alerts/{alert['id']}/ladder").get_json()
    assert [rung["step"] for rung in rungs] == [
        "raised",
        "queued",
        "accepted",
        "received",
        "opened",
        "acknowledge",
        "called",
        "close",
    ]
    assert [rung["channel"] for rung in rungs[1:5]] == ["console"] * 4
    (row,) = nurse.get("/listings/alert-ladder").get_json()["items"]
    times = ("raised", "queued", "accepted", "received", "opened", "acknowledged", "acted")
    passed = [
        (dt.datetime.fromisoformat(row[f"{name}_at"]) - start).total_seconds() for name in times
    ]
    assert passed == [0, 0, 2, 60, 120, 180, 540]
    assert (row["minutes"], row["overdue"], row["shift"]) == (3.0, "N", "evening")
    metrics = nurse.client.get("/metrics").get_data(as_text=True)
    answered_in = 'alert_answered_seconds_count{shift="evening",site="S01",tier="urgent"}'
    assert answered_in in metrics


def test_response_times_are_by_tier_site_and_shift(
    app: flask.Flask, send: Send, nurse: Person, clock: Clock, database: Stored
) -> None:
    send(7)
    clock.now += minutes(10)
    answered(nurse, "acknowledge")
    # The same evening another one, which nobody answers in time.
    database["alerts"].update_one({}, {"$unset": {"open_key": ""}, "$set": {"state": "closed"}})
    send(7, "2026-03-01")
    clock.now += minutes(61)
    reader = staff(app, "safety_reviewer")
    (row,) = reader.get("/listings/alert-response").get_json()["items"]
    assert row == {
        "key": "1/S01/evening",
        "tier": "urgent",
        "site": "S01",
        "shift": "evening",
        "alerts": 2,
        "answered": 1,
        "waiting": 1,
        "overdue": 1,
        "median_minutes": 10.0,
        "longest_minutes": 10.0,
    }
    far = staff(app, "nurse", "S02")
    for listing in ("alert-ladder", "alert-response", "rule-precision"):
        assert far.get(f"/listings/{listing}").get_json()["items"] == []
        header = reader.get(f"/listings/{listing}.csv").text.splitlines()[0]
        assert header.startswith(("site,", "key,"))


def test_pages_of_the_ladder_meet_without_a_gap(
    app: flask.Flask, send: Send, database: Stored
) -> None:
    send(10)
    reader = staff(app, "safety_reviewer")
    whole = reader.get("/listings/alert-ladder").get_json()["items"]
    assert len(whole) > 1
    seen, cursor = [], ""
    while True:
        page = reader.get(f"/listings/alert-ladder?limit=1{cursor}").get_json()
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert [row["id"] for row in seen] == [row["id"] for row in whole]
    assert database["alerts"].count_documents({}) == len(whole)


def test_an_escalation_is_on_the_ladder_with_whom_it_rang(
    app: flask.Flask,
    send: Send,
    nurse: Person,
    investigator: Person,
    clock: Clock,
    process: Process,
) -> None:
    send(7)
    clock.now += minutes(30)
    escalate_due(process)
    # Half an hour later they sign in anew.
    reader = staff(app, "safety_reviewer")
    (row,) = reader.get("/listings/alert-ladder").get_json()["items"]
    assert (row["escalations"], row["state"]) == (1, "new")
    rungs = reader.get(f"/alerts/{row['id']}/ladder").get_json()
    reached = {rung["by"] for rung in rungs if rung["step"] == "queued"}
    assert reached == {nurse.id, investigator.id}
