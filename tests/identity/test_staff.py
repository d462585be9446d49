"""Staff accounts: who may make and change them, and that a change acts at once."""

from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from backend.access import Grant, Role
from backend.context import Context
from tests.access.world import Who, join_staff
from tests.conftest import Clock
from tests.identity.conftest import person
from tests.people import PASSWORD, Person

Stored = Database[dict[str, Any]]
NURSE_HERE = {"role": "nurse", "site": "S01"}
NURSE_THERE = {"role": "nurse", "site": "S02"}
NEW_PASSWORD = "another long password"


@pytest.fixture
def somebody(here: Context) -> Who:
    return join_staff(here, "somebody", Grant(Role.NURSE, "S01")).who


@pytest.fixture
def site_administrator(app: flask.Flask, here: Context) -> Person:
    return person(app, join_staff(here, "site admin", Grant(Role.ADMINISTRATOR, "S01")).who)


def account(**changes: object) -> dict[str, Any]:
    return {
        "email": "New.Person@example.org",
        "password": PASSWORD,
        "name": "New Person",
        "grants": [NURSE_HERE],
        **changes,
    }


def change(by: Person, who: Who, **changes: object) -> dict[str, Any]:
    answer = by.call("PATCH", f"/staff/{_id(who)}", json={"rev": 0, **changes})
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.get_json()
    return changed


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> int:
    body = {"email": email, "password": password}
    return client.post("/api/v1/sessions", json=body).status_code


def email_of(database: Stored, who: Who) -> str:
    stored = database["staff"].find_one({"_id": _id(who)})
    assert stored is not None
    return str(stored["email"])


def _id(who: Who) -> str:
    assert who.actor is not None
    return who.actor.id


def test_an_account_is_made_and_can_sign_in(administrator: Person, database: Stored) -> None:
    answer = administrator.post("/staff", account())
    assert answer.status_code == 201
    made = answer.get_json()
    assert made["email"] == "new.person@example.org"
    assert made["grants"] == [{**NURSE_HERE, "unblinded": False}]
    assert not {"password", "password_hash", "push_value"} & made.keys()
    assert sign_in(administrator.client, "new.person@EXAMPLE.org") == 201
    stored = database["staff"].find_one({"_id": made["id"]})
    assert stored is not None
    assert stored["password_hash"].startswith("$argon2id$")
    listed = administrator.get("/staff").get_json()["items"]
    assert made in listed
    assert [one["email"] for one in listed] == sorted(one["email"] for one in listed)


def test_an_e_mail_has_one_account(administrator: Person, database: Stored) -> None:
    administrator.post("/staff", account())
    before = database["audit"].count_documents({})
    answer = administrator.post("/staff", account(email="new.PERSON@example.org"))
    assert answer.status_code == 409
    assert database["audit"].count_documents({}) == before


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"grants": [NURSE_HERE, {"role": "patient", "site": "S01"}]}, "/grants/1"),
        ({"grants": [{"role": "nurse", "site": "S99"}]}, "/grants/0"),
        ({"grants": []}, "/grants"),
        ({"grants": [{"role": "king"}]}, "/grants/0/role"),
        ({"grants": [{**NURSE_HERE, "unblinded": "yes"}]}, "/grants/0/unblinded"),
        ({"grants": [{**NURSE_HERE, "unblinded": 1}]}, "/grants/0/unblinded"),
        ({"password": "short"}, "/password"),
        ({"email": "no e-mail"}, "/email"),
        ({"active": True}, "/active"),
        ({"channel": "pigeon"}, "/channel"),
    ],
)
def test_a_bad_account_is_refused_with_a_pointer(
    administrator: Person, changes: dict[str, Any], pointer: str, database: Stored
) -> None:
    answer = administrator.post("/staff", account(**changes))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]
    assert database["staff"].count_documents({}) == 1


def test_changed_grants_act_at_once(
    app: flask.Flask, administrator: Person, somebody: Who, subject_id: str
) -> None:
    me = person(app, somebody)
    assert me.get(f"/subjects/{subject_id}").status_code == 200
    changed = change(administrator, somebody, grants=[NURSE_THERE])
    assert changed["rev"] == 1
    assert me.get(f"/subjects/{subject_id}").status_code == 404
    assert me.get("/sessions/current").get_json()["grants"] == [{**NURSE_THERE, "unblinded": False}]


def test_a_closed_account_is_out_at_once_and_its_sign_ins_stay_ended(
    app: flask.Flask, administrator: Person, somebody: Who, database: Stored
) -> None:
    me = person(app, somebody)
    change(administrator, somebody, active=False)
    assert me.get("/sessions").status_code == 401
    assert somebody.tokens is not None
    body = {"refresh_token": somebody.tokens.refresh_token}
    assert me.client.post("/api/v1/sessions/refresh", json=body).status_code == 401
    email = email_of(database, somebody)
    assert sign_in(me.client, email) == 401
    change(administrator, somebody, rev=1, active=True)
    assert me.get("/sessions").status_code == 401
    assert sign_in(me.client, email) == 201


def test_a_reset_password_ends_every_sign_in(
    app: flask.Flask, administrator: Person, somebody: Who, database: Stored
) -> None:
    change(administrator, somebody, password=NEW_PASSWORD)
    me = person(app, somebody)
    assert me.get("/sessions").status_code == 401
    email = email_of(database, somebody)
    assert sign_in(me.client, email) == 401
    assert sign_in(me.client, email, NEW_PASSWORD) == 201


def test_a_sign_in_that_raced_a_reset_is_no_good(
    app: flask.Flask, administrator: Person, somebody: Who, database: Stored, clock: Clock
) -> None:
    clock.advance(seconds=1)
    change(administrator, somebody, password=NEW_PASSWORD)
    # As if its password had been checked before the reset and its family stored after it.
    ended = {"$unset": {"revoked_at": "", "revoked_why": ""}}
    assert database["sessions"].update_one({"staff_id": _id(somebody)}, ended).modified_count
    assert person(app, somebody).get("/sessions").status_code == 401


def test_of_two_changes_the_second_must_look_again(
    administrator: Person, somebody: Who, database: Stored
) -> None:
    change(administrator, somebody, active=False)
    before = database["audit"].count_documents({})
    path = f"/staff/{_id(somebody)}"
    assert administrator.call("PATCH", path, json={"rev": 0, "active": True}).status_code == 412
    assert administrator.call("PATCH", path, json={"active": True}).status_code == 422
    assert administrator.call("PATCH", "/staff/nobody", json={"rev": 0}).status_code == 404
    assert database["audit"].count_documents({}) == before


def test_the_trail_has_the_grants_before_and_after_and_no_name(
    administrator: Person, somebody: Who, database: Stored
) -> None:
    change(administrator, somebody, grants=[{**NURSE_THERE, "unblinded": True}])
    entry = database["audit"].find_one({"action": "staff:change"})
    assert entry is not None
    assert entry["actor_id"] == administrator.id
    assert entry["target"] == f"staff/{_id(somebody)}"
    assert entry["details"] == {
        "grants": ["nurse@S02+arm"],
        "active": True,
        "before": {"grants": ["nurse@S01"], "active": True},
        "password": False,
    }


def test_an_administrator_of_a_site_governs_that_site_alone(
    site_administrator: Person, here: Context
) -> None:
    both = join_staff(here, "both", Grant(Role.NURSE, "S01"), Grant(Role.NURSE, "S02")).actor_id
    there = join_staff(here, "there", Grant(Role.NURSE, "S02")).actor_id
    mine = join_staff(here, "mine", Grant(Role.NURSE, "S01")).actor_id
    listed = {one["id"] for one in site_administrator.get("/staff").get_json()["items"]}
    assert listed == {site_administrator.id, mine, both}

    def status(staff_id: str, **changes: object) -> int:
        body = {"rev": 0, **changes}
        return site_administrator.call("PATCH", f"/staff/{staff_id}", json=body).status_code

    assert status(there, active=False) == 404
    assert status(both, password=NEW_PASSWORD) == 403
    assert status(both, grants=[NURSE_HERE]) == 403
    assert status(mine, grants=[NURSE_HERE, NURSE_THERE]) == 403
    assert status(mine, grants=[{"role": "administrator"}]) == 403
    assert status(site_administrator.id, grants=[{"role": "administrator"}]) == 403
    assert site_administrator.post("/staff", account(grants=[NURSE_THERE])).status_code == 403
    assert site_administrator.post("/staff", account(grants=[NURSE_HERE])).status_code == 201
    assert status(mine, active=False) == 200
