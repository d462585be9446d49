"""Less noise, with care: counted in shadow, applied only when somebody with the right says so."""

import datetime as dt
from typing import Any

import flask
from pymongo.database import Database

from jobs.escalate import escalate_due
from jobs.process import Process
from tests.alerts.conftest import Send
from tests.conftest import Clock
from tests.people import Person, staff

Stored = Database[dict[str, Any]]
DIARRHOEA = {"flag_id": "DIARRHOEA", "tiers": ["urgent"], "reason": "known, under treatment"}


def proposed(who: Person, **changes: object) -> dict[str, Any]:
    answer = who.post("/suppressions", {**DIARRHOEA, "site": "S01", **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def changed(who: Person, made: dict[str, Any], step: str, rev: int) -> int:
    said = {"step": step, "reason": "looked at it", "rev": rev}
    return who.post(f"/suppressions/{made['id']}/steps", said).status_code


def alert(database: Stored) -> dict[str, Any]:
    found = database["alerts"].find_one({"flag_id": "DIARRHOEA"})
    assert found is not None
    return found


def test_in_shadow_it_is_counted_and_rings(send: Send, nurse: Person, database: Stored) -> None:
    made = proposed(nurse)
    assert made["state"] == "shadow"
    send(7)
    found = alert(database)
    assert found["suppressions"] == [made["id"]]
    assert not found["suppressed"]
    assert database["outbox"].count_documents({"alert_id": found["_id"]}) == 1
    useful = {"step": "useful", "rev": found["rev"]}
    assert nurse.post(f"/alerts/{found['_id']}/steps", useful).status_code == 200
    (counted,) = nurse.get("/suppressions").get_json()
    del counted["suppression"]
    # One alert that people found useful: a reason not to switch it on.
    assert counted == {"fitted": 1, "acted": 0, "useful": 1, "not_useful": 0}


def test_switched_on_it_waits_on_the_list_without_ringing(
    send: Send, nurse: Person, desk: Person, clock: Clock, process: Process, database: Stored
) -> None:
    made = proposed(nurse)
    assert changed(nurse, made, "switch_on", 0) == 403
    assert changed(desk, made, "switch_on", 0) == 200
    assert changed(desk, made, "switch_on", 1) == 409
    assert changed(desk, made, "switch_off", 0) == 412
    send(7)
    found = alert(database)
    assert found["suppressed"]
    assert database["outbox"].count_documents({"alert_id": found["_id"]}) == 0
    assert found["_id"] in {one["id"] for one in nurse.get("/alerts").get_json()["items"]}
    clock.now += dt.timedelta(hours=9)
    assert escalate_due(process) == 0


def test_what_is_worse_rings_all_the_same(
    send: Send, nurse: Person, desk: Person, database: Stored
) -> None:
    made = proposed(nurse, tiers=["routine"])
    changed(desk, made, "switch_on", 0)
    send(4)
    assert alert(database)["suppressed"]
    send(7, "2026-03-01")
    found = alert(database)
    assert (found["tier"], found["suppressed"]) == ("urgent", False)
    assert database["outbox"].count_documents({"alert_id": found["_id"]}) == 1


def test_ended_or_elsewhere_it_fits_nothing(
    send: Send, nurse: Person, desk: Person, database: Stored
) -> None:
    made = proposed(nurse)
    assert changed(desk, made, "end", 0) == 200
    proposed(desk, site="S02")
    send(7)
    assert alert(database)["suppressions"] == []


def test_an_emergency_cannot_be_suppressed_and_nothing_beyond_ones_sites(
    app: flask.Flask, nurse: Person, desk: Person
) -> None:
    wrong = {**DIARRHOEA, "flag_id": "NOISE", "tiers": ["emergency"], "site": "S99"}
    faults = nurse.post("/suppressions", wrong).get_json()["errors"]
    assert [fault["pointer"] for fault in faults] == ["/flag_id", "/tiers", "/site"]
    assert nurse.post("/suppressions", {**DIARRHOEA, "site": None}).status_code == 403
    assert nurse.post("/suppressions", {**DIARRHOEA, "site": "S02"}).status_code == 403
    made = proposed(desk, site=None)
    far = staff(app, "safety_reviewer", "S02")
    assert changed(far, made, "switch_on", 0) == 403
    assert changed(far, {"id": "none"}, "switch_on", 0) == 404
