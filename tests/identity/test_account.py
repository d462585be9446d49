"""One's own staff account: where alerts ring, and a password that nobody else knows."""

from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from backend.access import Grant, Role
from backend.config import Config
from backend.context import Context
from tests.access.world import join_staff
from tests.conftest import Clock
from tests.identity.conftest import person
from tests.people import PASSWORD, Person

Stored = Database[dict[str, Any]]
NEW_PASSWORD = "another long password"


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> int:
    body = {"email": email, "password": password}
    return client.post("/api/v1/sessions", json=body).status_code


def test_staff_choose_where_their_alerts_ring(nurse: Person, database: Stored) -> None:
    body = {"channel": "fcm", "kind": "fid", "value": "installation-1"}
    answer = nurse.call("PUT", "/staff/me/push-address", json=body)
    assert answer.status_code == 200
    assert (answer.get_json()["channel"], answer.get_json()["push_kind"]) == ("fcm", "fid")
    assert "installation-1" not in answer.text
    stored = database["staff"].find_one({"_id": nurse.id})
    assert stored is not None
    assert stored["push_value"] == "installation-1"
    nurse.call("PUT", "/staff/me/push-address", json={"channel": "email"})
    stored = database["staff"].find_one({"_id": nurse.id})
    assert stored is not None
    assert (stored["channel"], "push_value" in stored) == ("email", False)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"channel": "fcm"}, "/value"),
        ({"channel": "fcm", "kind": "fid"}, "/value"),
        ({"channel": "email", "value": "x"}, "/kind"),
        ({"channel": "fcm", "kind": "phone", "value": "x"}, "/kind"),
    ],
)
def test_half_an_address_is_refused(nurse: Person, body: dict[str, str], pointer: str) -> None:
    answer = nurse.call("PUT", "/staff/me/push-address", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]


@pytest.mark.usefixtures("present")
def test_a_sign_in_that_raced_ones_own_new_password_is_no_good(
    app: flask.Flask, here: Context, database: Stored, clock: Clock
) -> None:
    me = person(app, join_staff(here, "me", Grant(Role.NURSE, "S01")).who)
    clock.advance(seconds=1)
    body = {"old": PASSWORD, "new": NEW_PASSWORD}
    assert me.call("PUT", "/staff/me/password", json=body).status_code == 204
    ended = {"$unset": {"revoked_at": "", "revoked_why": ""}}
    assert database["sessions"].update_one({"staff_id": me.id}, ended).modified_count
    assert me.get("/sessions").status_code == 401


@pytest.mark.usefixtures("present")
def test_one_changes_ones_own_password(app: flask.Flask, here: Context, database: Stored) -> None:
    me = person(app, join_staff(here, "me", Grant(Role.NURSE, "S01")).who)
    stored = database["staff"].find_one({"_id": me.id})
    assert stored is not None
    email = stored["email"]
    wrong = {"old": "not this one", "new": NEW_PASSWORD}
    answer = me.call("PUT", "/staff/me/password", json=wrong)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == ["/old"]
    right = {"old": PASSWORD, "new": NEW_PASSWORD}
    assert me.call("PUT", "/staff/me/password", json=right).status_code == 204
    assert me.get("/sessions").status_code == 401
    assert sign_in(me.client, email) == 401
    assert sign_in(me.client, email, NEW_PASSWORD) == 201
    entries = database["audit"].find({"actor_id": me.id}).sort("_id", 1)
    assert sorted(entry["action"] for entry in entries) == [
        "session:begin",
        "session:refuse",
        "session:refuse",
        "staff:password",
    ]


def test_the_own_password_cannot_be_guessed_by_changing_it(
    app: flask.Flask, config: Config, here: Context, present: Clock
) -> None:
    me = person(app, join_staff(here, "me", Grant(Role.NURSE, "S01")).who)
    body = {"old": "a guess", "new": NEW_PASSWORD}
    for _ in range(config.login_attempts):
        assert me.call("PUT", "/staff/me/password", json=body).status_code == 422
    right = {"old": PASSWORD, "new": NEW_PASSWORD}
    assert me.call("PUT", "/staff/me/password", json=right).status_code == 429
    present.advance(seconds=1)
    assert me.get("/sessions").status_code == 200
