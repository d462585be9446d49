"""Emergency access: one subject, to read, for hours, told to the safety desk, and reviewed."""

from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.access import PERMISSIONS, Action, Actor, Grant, Role, Scope, may, scope, sees_arm
from tests.conftest import Clock
from tests.people import Person, enrolled, staff

Stored = Database[dict[str, Any]]
WHY = "collapsed in our emergency room"


@pytest.fixture
def subject_id(app: flask.Flask) -> str:
    return enrolled(staff(app, "nurse", "S01"))


def opened(by: Person, subject_id: str, kind: str = "record") -> dict[str, Any]:
    body = {"kind": kind, "subject_id": subject_id, "reason": WHY}
    answer = by.post("/break-glass", body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_grant_of_one_subject_opens_nothing_else_and_changes_nothing() -> None:
    emergency = Grant(Role.INVESTIGATOR, "S01", subject_id="S01-0001")
    arm = Grant(Role.INVESTIGATOR, "S01", unblinded=True, subject_id="S01-0001")
    someone = Actor("x", (emergency, arm))
    assert may(someone, Action.DIARY_READ, site="S01", subject_id="S01-0001")
    assert sees_arm(someone, "S01", "S01-0001")
    assert not sees_arm(someone, "S01")
    for action in Action:
        assert not may(someone, action, site="S01", subject_id="S01-0002"), action
        assert not may(someone, action, site="S01"), action
        assert not may(someone, action), action
        assert scope(someone, action) == Scope(), action
        if may(someone, action, site="S01", subject_id="S01-0001"):
            assert action.endswith(":read"), action
    assert not may(Actor("x", (emergency,)), Action.ARM_READ, site="S01", subject_id="S01-0001")
    assert not may(Actor("x", (arm,)), Action.DIARY_READ, site="S01", subject_id="S01-0001")


def test_it_opens_one_subject_of_another_site_for_four_hours_to_read(
    subject_id: str, app: flask.Flask, clock: Clock
) -> None:
    other = enrolled(staff(app, "nurse", "S01"))
    nurse = staff(app, "nurse", "S02")
    path = f"/subjects/{subject_id}"
    assert nurse.get(path).status_code == 404
    usual = nurse.get("/sessions/current").get_json()
    record = opened(nurse, subject_id)
    assert nurse.get(path).status_code == 200
    # A page must not take it for a role at that site.
    assert nurse.get("/sessions/current").get_json() == usual
    assert nurse.get(f"{path}/diaries").status_code == 200
    assert nurse.get(f"/subjects/{other}").status_code == 404
    change = {"rev": 0, "reason": "must not work", "baseline": {"baseline_weight_kg": 70.5}}
    assert nurse.call("PATCH", path, json=change).status_code == 403
    assert subject_id not in nurse.get("/subjects").text
    clock.advance(hours=4)
    assert clock.now.isoformat() == record["until"]
    # Their sign-in is older than an access token lives: a colleague of theirs looks just so.
    assert nurse.get(path).status_code in (401, 404)


def test_each_look_and_the_opening_are_in_the_trail_with_the_reason(
    subject_id: str, app: flask.Flask, database: Stored
) -> None:
    nurse = staff(app, "nurse", "S02")
    record = opened(nurse, subject_id)
    nurse.get(f"/subjects/{subject_id}")
    entry = database["audit"].find_one({"action": "break_glass:open"})
    assert entry is not None
    assert (entry["actor_id"], entry["reason"], entry["subject_id"]) == (nurse.id, WHY, subject_id)
    assert entry["target"] == f"break_glass/{record['id']}"
    read = database["audit"].find_one({"action": "subject:read", "actor_id": nurse.id})
    assert read is not None
    assert (read["subject_id"], read["site"]) == (subject_id, "S01")


def test_the_safety_desk_is_told_at_once_and_not_of_whom(
    subject_id: str, app: flask.Flask, database: Stored
) -> None:
    desk = [staff(app, "safety_reviewer").id for _ in range(2)]
    staff(app, "safety_reviewer", "S02")
    record = opened(staff(app, "nurse", "S02"), subject_id)
    owed = list(database["outbox"].find({"alert_id": record["id"]}))
    assert sorted(entry["recipient_id"] for entry in owed) == sorted(desk)
    assert {entry["message"]["kind"] for entry in owed} == {"break_glass"}
    assert subject_id not in str([entry["message"] for entry in owed])
    assert WHY not in str(owed)


def test_an_arm_is_opened_by_an_investigator_alone_and_for_one_subject(
    subject_id: str, app: flask.Flask
) -> None:
    nurse = staff(app, "nurse", "S01")
    body = {"kind": "arm", "subject_id": subject_id, "reason": WHY}
    assert nurse.post("/break-glass", body).status_code == 403
    blinded = staff(app, "investigator", "S01")
    other = enrolled(nurse)
    assert blinded.get(f"/subjects/{subject_id}").get_json()["arm"] is None
    opened(blinded, subject_id, "arm")
    assert blinded.get(f"/subjects/{subject_id}").get_json()["arm"] == "A"
    assert blinded.get(f"/subjects/{other}").get_json()["arm"] is None


def test_a_reviewer_closes_it_once_with_what_was_found(
    subject_id: str, app: flask.Flask, database: Stored
) -> None:
    nurse = staff(app, "nurse", "S02")
    record = opened(nurse, subject_id)
    reviewer = staff(app, "safety_reviewer")
    (listed,) = reviewer.get("/break-glass").get_json()["items"]
    assert (listed["staff_id"], listed["reason"], listed["reviewed_at"]) == (nurse.id, WHY, None)
    finding = {"finding": "treated for dehydration, as said"}
    path = f"/break-glass/{record['id']}/review"
    assert nurse.post(path, finding).status_code == 403
    assert staff(app, "safety_reviewer", "S02").post(path, finding).status_code == 404
    assert reviewer.post(path, finding).get_json()["reviewed_by"] == reviewer.id
    assert reviewer.post(path, finding).status_code == 409
    assert database["audit"].count_documents({"action": "break_glass:review"}) == 1
    assert staff(app, "administrator").get("/break-glass").status_code == 403


def test_a_reason_and_a_subject_are_needed(subject_id: str, app: flask.Flask) -> None:
    nurse = staff(app, "nurse", "S02")
    short = {"kind": "record", "subject_id": subject_id, "reason": "now"}
    assert nurse.post("/break-glass", short).status_code == 422
    unknown = {"kind": "record", "subject_id": "S09-0001", "reason": WHY}
    assert nurse.post("/break-glass", unknown).status_code == 404
    assert PERMISSIONS[Action.BREAK_GLASS_OPEN] == {Role.NURSE, Role.INVESTIGATOR}
