"""Patients' phones once they are in: revoked at once, reached at one address, signed off."""

from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.context import Context
from backend.models.device import mark_push_dead
from tests.access.world import Who, join_phone
from tests.conftest import START
from tests.identity.conftest import person
from tests.people import Person, enrolled

Stored = Database[dict[str, Any]]
ADDRESS = {"kind": "fid", "value": "installation-1", "reminder_time": "19:30"}


@pytest.fixture
def who(here: Context, subject_id: str) -> Who:
    return join_phone(here, "phone", subject_id).who


@pytest.fixture
def phone(app: flask.Flask, who: Who) -> Person:
    return person(app, who)


def device_id(of: Person) -> str:
    return of.id.removeprefix("device/")


def register(by: Person, **changes: object) -> dict[str, Any]:
    answer = by.call("PUT", "/device/push-address", json={**ADDRESS, **changes})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def test_staff_of_the_site_see_the_phones_and_no_address(
    nurse: Person, far_nurse: Person, subject_id: str, phone: Person
) -> None:
    register(phone)
    answer = nurse.get(f"/subjects/{subject_id}/devices")
    assert ADDRESS["value"] not in answer.text
    (listed,) = answer.get_json()["items"]
    assert listed == {
        "id": device_id(phone),
        "subject_id": subject_id,
        "label": "phone",
        "activated_at": START.isoformat(),
        "revoked_at": None,
        "revoked_why": None,
        "push_kind": "fid",
        "push_dead_at": None,
        "reminder_time": "19:30",
        "bound": False,
    }
    assert far_nurse.get(f"/subjects/{subject_id}/devices").status_code == 404


def test_a_revoked_phone_is_out_at_once(
    nurse: Person, subject_id: str, phone: Person, who: Who, database: Stored
) -> None:
    register(phone)
    path = f"/subjects/{subject_id}/devices/{device_id(phone)}"
    assert nurse.call("DELETE", path).status_code == 204
    assert phone.get("/device").status_code == 401
    assert who.tokens is not None
    body = {"refresh_token": who.tokens.refresh_token}
    assert phone.client.post("/api/v1/sessions/refresh", json=body).status_code == 401
    (listed,) = nurse.get(f"/subjects/{subject_id}/devices").get_json()["items"]
    assert (listed["revoked_at"], listed["revoked_why"], listed["push_kind"]) == (
        START.isoformat(),
        "revoked by staff",
        None,
    )
    stored = database["devices"].find_one({"_id": device_id(phone)})
    assert stored is not None
    assert "push_value" not in stored


def test_a_sign_in_that_raced_the_revocation_is_no_good(
    nurse: Person, subject_id: str, phone: Person, who: Who, database: Stored
) -> None:
    nurse.call("DELETE", f"/subjects/{subject_id}/devices/{device_id(phone)}")
    # As if its family had been stored after the revocation.
    ended = {"$unset": {"revoked_at": "", "revoked_why": ""}}
    assert database["sessions"].update_one({"device_id": device_id(phone)}, ended).modified_count
    assert phone.get("/device").status_code == 401
    assert who.tokens is not None
    body = {"refresh_token": who.tokens.refresh_token}
    assert phone.client.post("/api/v1/sessions/refresh", json=body).status_code == 401


def test_revoking_twice_is_one_revocation(
    nurse: Person, subject_id: str, phone: Person, database: Stored
) -> None:
    path = f"/subjects/{subject_id}/devices/{device_id(phone)}"
    for _ in range(2):
        assert nurse.call("DELETE", path).status_code == 204
    entries = list(database["audit"].find({"action": "device:revoke"}))
    assert [(entry["actor_id"], entry["site"]) for entry in entries] == [(nurse.id, "S01")]


def test_a_phone_is_revoked_only_under_its_own_subject(
    nurse: Person, far_nurse: Person, subject_id: str, phone: Person
) -> None:
    another = enrolled(nurse)
    for by, path in (
        (nurse, f"/subjects/{another}/devices/{device_id(phone)}"),
        (nurse, f"/subjects/{subject_id}/devices/no-such"),
        (far_nurse, f"/subjects/{subject_id}/devices/{device_id(phone)}"),
    ):
        assert by.call("DELETE", path).status_code == 404
    assert phone.get("/device").status_code == 200


def test_other_phones_of_the_subject_go_on(
    nurse: Person, subject_id: str, phone: Person, app: flask.Flask, here: Context
) -> None:
    second = person(app, join_phone(here, "second", subject_id).who)
    nurse.call("DELETE", f"/subjects/{subject_id}/devices/{device_id(phone)}")
    assert second.get("/device").status_code == 200


def test_a_phone_registers_and_changes_its_address(phone: Person, database: Stored) -> None:
    assert register(phone)["reminder_time"] == "19:30"
    changed = register(phone, kind="token", value="token-2", reminder_time=None)
    assert (changed["push_kind"], changed["reminder_time"]) == ("token", None)
    stored = database["devices"].find_one({"_id": device_id(phone)})
    assert stored is not None
    assert stored["push_value"] == "token-2"


def test_a_new_address_is_alive_again(phone: Person) -> None:
    register(phone)
    mark_push_dead(device_id(phone), "installation-0", at=START)
    assert phone.get("/device").get_json()["push_dead_at"] is None
    mark_push_dead(device_id(phone), "installation-1", at=START)
    assert phone.get("/device").get_json()["push_dead_at"] == START.isoformat()
    assert register(phone, value="installation-2")["push_dead_at"] is None


def test_a_handset_that_changes_hands_leaves_its_first_owner(
    nurse: Person, phone: Person, app: flask.Flask, here: Context
) -> None:
    register(phone)
    second = person(app, join_phone(here, "second", enrolled(nurse)).who)
    register(second)
    assert phone.get("/device").get_json()["push_kind"] is None
    assert phone.get("/device").get_json()["reminder_time"] == "19:30"
    assert second.get("/device").get_json()["push_kind"] == "fid"


def test_a_phone_signs_off(phone: Person, nurse: Person, subject_id: str, database: Stored) -> None:
    register(phone)
    assert phone.call("DELETE", "/device").status_code == 204
    assert phone.get("/device").status_code == 401
    (listed,) = nurse.get(f"/subjects/{subject_id}/devices").get_json()["items"]
    assert (listed["revoked_why"], listed["push_kind"]) == ("signed off", None)
    entry = database["audit"].find_one({"action": "device:sign_off"})
    assert entry is not None
    assert entry["actor_id"] == phone.id


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "email"}, "/kind"),
        ({"value": ""}, "/value"),
        ({"value": None}, "/value"),
        ({"reminder_time": "24:00"}, "/reminder_time"),
        ({"reminder_time": "19:30\n"}, "/reminder_time"),
        ({"reminder_time": "7:30"}, "/reminder_time"),
        ({"reminder_time": 1930}, "/reminder_time"),
        ({"subject_id": "S01-0002"}, "/subject_id"),
    ],
)
def test_a_bad_address_is_refused_with_a_pointer(
    phone: Person, changes: dict[str, Any], pointer: str, database: Stored
) -> None:
    answer = phone.call("PUT", "/device/push-address", json={**ADDRESS, **changes})
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.get_json()["errors"]} == {pointer}
    assert database["devices"].count_documents({"push_value": {"$exists": True}}) == 0
