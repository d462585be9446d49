"""A person's steps: call, comment, snooze, hand over, mark; and what each does to the ringing."""

import datetime as dt
from typing import Any

import flask
import pytest
from pymongo.database import Database
from werkzeug.test import TestResponse

from jobs.escalate import escalate_due
from jobs.process import Process
from tests.alerts.conftest import Send
from tests.conftest import Clock
from tests.people import Person, staff

Stored = Database[dict[str, Any]]


def first(reader: Person, tier: str) -> dict[str, Any]:
    alerts = reader.get("/alerts").get_json()["items"]
    found: dict[str, Any] = next(alert for alert in alerts if alert["tier"] == tier)
    return found


def take(who: Person, alert: dict[str, Any], step: str, **said: object) -> TestResponse:
    rev = who.get(f"/alerts/{alert['id']}").get_json()["rev"]
    return who.post(f"/alerts/{alert['id']}/steps", {"step": step, "rev": rev, **said})


def taken(who: Person, alert: dict[str, Any], step: str, **said: object) -> dict[str, Any]:
    answer = take(who, alert, step, **said)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_call_says_what_was_said_or_that_nobody_picked_up(send: Send, nurse: Person) -> None:
    send(10)
    alert = first(nurse, "emergency")
    assert taken(nurse, alert, "not_reached")["state"] == "acknowledged"
    assert take(nurse, alert, "called").status_code == 422
    called = taken(nurse, alert, "called", note="drinks well, comes in at noon")
    assert called["state"] == "acted"
    assert [step["step"] for step in called["steps"]] == ["raised", "not_reached", "called"]
    assert called["steps"][-1]["note"] == "drinks well, comes in at noon"


def test_a_comment_takes_nothing(send: Send, nurse: Person, clock: Clock, process: Process) -> None:
    send(10)
    alert = first(nurse, "emergency")
    said = taken(nurse, alert, "comment", note="the ward knows")
    assert (said["state"], said["acknowledged_at"]) == ("new", None)
    clock.now += dt.timedelta(minutes=5)
    assert escalate_due(process) > 0


def test_an_emergency_is_never_snoozed_and_nothing_for_long(
    send: Send, nurse: Person, clock: Clock
) -> None:
    send(10)
    until = {"until": (clock.now + dt.timedelta(minutes=30)).isoformat(), "note": "at the bedside"}
    refused = take(nurse, first(nurse, "emergency"), "snooze", **until)
    assert [fault["pointer"] for fault in refused.get_json()["errors"]] == ["/step"]
    urgent = first(nurse, "urgent")
    long = {**until, "until": (clock.now + dt.timedelta(minutes=61)).isoformat()}
    for wrong in (long, {"note": "x y z"}, {**until, "until": clock.now.isoformat()}):
        faults = take(nurse, urgent, "snooze", **wrong).get_json()["errors"]
        assert [fault["pointer"] for fault in faults] == ["/until"]
    assert taken(nurse, urgent, "snooze", **until)["state"] == "acknowledged"


def test_a_snoozed_alert_rings_again_as_if_it_were_new(
    send: Send,
    nurse: Person,
    clock: Clock,
    process: Process,
    database: Stored,
) -> None:
    send(7)
    urgent = first(nurse, "urgent")
    for alert in nurse.get("/alerts").get_json()["items"]:
        if alert["id"] != urgent["id"]:
            taken(nurse, alert, "close", note="seen with the other")
    until = clock.now + dt.timedelta(minutes=60)
    snoozed = taken(nurse, urgent, "snooze", until=until.isoformat(), note="in theatre")
    assert dt.datetime.fromisoformat(snoozed["escalate_at"]) == until
    clock.now = until - dt.timedelta(seconds=1)
    assert escalate_due(process) == 0
    clock.now = until
    assert escalate_due(process) == 1
    again = database["alerts"].find_one({"_id": urgent["id"]})
    assert again is not None
    assert (again["state"], again["steps"][-1]["step"]) == ("new", "snooze_over")
    assert again.get("acknowledged_at") is None
    assert again["acknowledge_by"] == until + dt.timedelta(minutes=60)
    assert database["outbox"].count_documents({"created_at": until}) == 1


def test_handed_over_it_is_nobodys_until_the_other_takes_it(
    app: flask.Flask,
    send: Send,
    nurse: Person,
    investigator: Person,
    clock: Clock,
    process: Process,
    database: Stored,
) -> None:
    send(10)
    alert = first(nurse, "emergency")
    taken(nurse, alert, "acknowledge")
    far = staff(app, "nurse", "S02")
    for nobody in (far.id, "nobody"):
        faults = take(nurse, alert, "hand_over", to=nobody, note="my shift ends").get_json()
        assert [fault["pointer"] for fault in faults["errors"]] == ["/to"]
    clock.now += dt.timedelta(minutes=3)
    given = taken(nurse, alert, "hand_over", to=investigator.id, note="my shift ends")
    assert (given["state"], given["assigned_to"]) == ("new", investigator.id)
    assert given["acknowledged_at"] is None
    entry = database["outbox"].find_one({"created_at": clock.now})
    assert entry is not None
    assert entry["recipient_id"] == investigator.id
    assert entry["message"]["kind"] == "alert_handed_over"
    clock.now += dt.timedelta(minutes=5)
    assert escalate_due(process) > 0
    assert taken(investigator, alert, "acknowledge")["acknowledged_by"] == investigator.id


def test_the_desk_takes_and_comments_and_treats_nobody(send: Send, desk: Person) -> None:
    send(10)
    alert = first(desk, "emergency")
    assert take(desk, alert, "act", note="gave fluids").status_code == 403
    assert take(desk, alert, "close", note="no reason").status_code == 403
    assert taken(desk, alert, "acknowledge")["acknowledged_by"] == desk.id
    assert taken(desk, alert, "comment", note="site was called")["state"] == "acknowledged"


def test_whether_it_was_worth_ringing_is_said_also_when_it_is_over(
    send: Send, nurse: Person, desk: Person
) -> None:
    send(10)
    alert = first(nurse, "emergency")
    taken(nurse, alert, "close", note="admitted")
    assert taken(nurse, alert, "not_useful")["useful"] is False
    assert taken(nurse, alert, "useful")["useful"] is True
    rows = desk.get("/listings/rule-precision").get_json()["items"]
    (row,) = [one for one in rows if one["flag"] == alert["flag_id"]]
    assert (row["alerts"], row["useful"], row["precision"]) == (1, 1, 1.0)


def test_the_work_list_by_patient_has_the_worst_first(send: Send, nurse: Person) -> None:
    send(10)
    (patient,) = nurse.get("/alerts/by-subject").get_json()
    assert patient["tier"] == "emergency"
    assert patient["waiting"] == len(patient["alerts"]) > 1
    taken(nurse, patient["alerts"][0], "acknowledge")
    (later,) = nurse.get("/alerts/by-subject").get_json()
    assert later["waiting"] == patient["waiting"] - 1


@pytest.mark.parametrize("step", ["acknowledge", "act", "snooze", "hand_over", "comment"])
def test_what_is_closed_is_closed(
    send: Send, nurse: Person, clock: Clock, investigator: Person, step: str
) -> None:
    send(10)
    alert = first(nurse, "urgent")
    taken(nurse, alert, "close", note="seen")
    said = {"note": "again", "until": clock.now.isoformat(), "to": investigator.id}
    assert take(nurse, alert, step, **said).status_code == 409
