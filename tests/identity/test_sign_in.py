"""Signing in: one answer for every mistake, a lock after too many, nothing of it in clear."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest
from bson import json_util
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from backend.access import Grant, Role
from backend.app import create_app
from backend.config import Config
from backend.context import Context
from backend.services.limits import take_attempt
from backend.services.sign_in import ADDRESS_LIMIT, hash_password
from tests.access.world import join_staff
from tests.conftest import Clock
from tests.people import PASSWORD, Person

Stored = Database[dict[str, Any]]

pytestmark = pytest.mark.usefixtures("present")


@pytest.fixture
def email(here: Context, database: Stored) -> str:
    """Give the e-mail of somebody with an account."""
    staff_id = join_staff(here, "somebody", Grant(Role.NURSE, "S01")).actor_id
    stored = database["staff"].find_one({"_id": staff_id})
    assert stored is not None
    return str(stored["email"])


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    return client.post("/api/v1/sessions", json={"email": email, "password": password})


def test_the_right_password_gives_tokens_that_work(
    client: FlaskClient, email: str, config: Config
) -> None:
    answer = sign_in(client, f"  {email.upper()} ")
    assert answer.status_code == 201
    tokens = answer.get_json()
    assert tokens.keys() == {"access_token", "refresh_token", "expires_in", "token_type"}
    assert (tokens["expires_in"], tokens["token_type"]) == (config.access_token_seconds, "Bearer")
    who = Person(client, tokens["access_token"], "").get("/sessions/current").get_json()
    assert who["grants"] == [{"role": "nurse", "site": "S01", "unblinded": False}]


def test_wrong_unknown_and_closed_are_answered_alike(
    client: FlaskClient, email: str, here: Context, database: Stored
) -> None:
    closed = join_staff(here, "closed", Grant(Role.NURSE, "S01")).actor_id
    database["staff"].update_one({"_id": closed}, {"$set": {"active": False}})
    gone = database["staff"].find_one({"_id": closed})
    assert gone is not None
    answers = [
        sign_in(client, email, "a wrong password"),
        sign_in(client, "nobody@example.org"),
        sign_in(client, gone["email"]),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    bodies = [{**answer.get_json(), "request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]


def test_an_unknown_e_mail_costs_the_same_work(
    client: FlaskClient, email: str, database: Stored
) -> None:
    # The people of the tests have a hash that costs next to nothing.
    real = {"$set": {"password_hash": hash_password(PASSWORD)}}
    assert database["staff"].update_one({"email": email}, real).modified_count == 1

    def seconds(address: str) -> float:
        began = time.perf_counter()
        assert sign_in(client, address, "a wrong password").status_code == 401
        return time.perf_counter() - began

    known = min(seconds(email) for _ in range(3))
    unknown = min(seconds("nobody@example.org") for _ in range(3))
    # Without a verification the unknown one would take a twentieth.
    assert 1 / 3 < unknown / known < 3


def test_too_many_mistakes_lock_the_account_for_its_whole_time(
    client: FlaskClient, email: str, config: Config, clock: Clock
) -> None:
    for _ in range(config.login_attempts):
        clock.advance(seconds=60)
        assert sign_in(client, email, "wrong").status_code == 401
    locked = sign_in(client, email)
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == str(config.lockout_seconds)
    assert locked.content_type == "application/problem+json"
    clock.advance(seconds=config.lockout_seconds - 1)
    assert sign_in(client, email).headers["Retry-After"] == "1"
    clock.advance(seconds=1)
    assert sign_in(client, email).status_code == 201


def test_an_unknown_e_mail_is_locked_alike(client: FlaskClient, config: Config) -> None:
    for _ in range(config.login_attempts):
        assert sign_in(client, "nobody@example.org").status_code == 401
    assert sign_in(client, "Nobody@example.org").status_code == 429


def test_a_lock_on_one_account_leaves_the_others_alone(
    client: FlaskClient, email: str, config: Config
) -> None:
    for _ in range(config.login_attempts):
        sign_in(client, "nobody@example.org")
    assert sign_in(client, email).status_code == 201


def test_a_success_forgets_the_mistakes(client: FlaskClient, email: str, config: Config) -> None:
    for _ in range(2):
        for _ in range(config.login_attempts - 1):
            assert sign_in(client, email, "wrong").status_code == 401
        assert sign_in(client, email).status_code == 201


def test_mistakes_side_by_side_are_all_counted(
    app: flask.Flask, email: str, config: Config
) -> None:
    def attempt(_: int) -> int:
        return sign_in(app.test_client(), email, "wrong").status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(attempt, range(config.login_attempts + 4)))
    assert statuses == [401] * config.login_attempts + [429] * 4


def test_a_lock_holds_in_every_worker(
    client: FlaskClient, email: str, config: Config, clock: Clock
) -> None:
    for _ in range(config.login_attempts):
        sign_in(client, email, "wrong")
    another = create_app(config, clock=clock).test_client()
    assert sign_in(another, email).status_code == 429


def test_an_address_with_too_many_mistakes_waits_whoever_asks(
    client: FlaskClient, email: str, config: Config, clock: Clock
) -> None:
    for _ in range(ADDRESS_LIMIT.most):
        take_attempt(ADDRESS_LIMIT, "127.0.0.1", config=config, now=clock.now)
    refused = sign_in(client, email)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == str(int(ADDRESS_LIMIT.window.total_seconds()))
    assert (
        client.post(
            "/api/v1/sessions",
            json={"email": email, "password": PASSWORD},
            environ_base={"REMOTE_ADDR": "192.0.2.1"},
        ).status_code
        == 201
    )


def test_people_who_sign_in_rightly_do_not_use_up_their_address(
    client: FlaskClient, email: str, config: Config, clock: Clock
) -> None:
    for _ in range(ADDRESS_LIMIT.most - 1):
        take_attempt(ADDRESS_LIMIT, "127.0.0.1", config=config, now=clock.now)
    for _ in range(3):
        assert sign_in(client, email).status_code == 201


def test_the_trail_names_the_account_and_never_the_e_mail(
    client: FlaskClient, email: str, config: Config, database: Stored
) -> None:
    sign_in(client, email)
    for _ in range(config.login_attempts):
        sign_in(client, email, "wrong")
    sign_in(client, "nobody@example.org")
    sign_in(client, "nobody@example.org")
    entries = list(database["audit"].find().sort("_id", 1))
    refused = [entry for entry in entries if entry["action"] == "session:refuse"]
    staff = database["staff"].find_one({"email": email})
    assert staff is not None
    known = [entry for entry in refused if entry["actor_id"] == staff["_id"]]
    assert sorted(entry["details"]["locked"] for entry in known) == [False] * 4 + [True]
    unknown = [entry for entry in refused if entry["actor_id"] == "unknown"]
    assert len(unknown) == 2
    assert len({entry["target"] for entry in unknown}) == 1
    assert [e["actor_id"] for e in entries if e["action"] == "session:begin"] == [staff["_id"]]
    for name in ("audit", "attempts", "sessions"):
        text = json_util.dumps(list(database[name].find()))
        assert "@" not in text, name
        assert PASSWORD not in text, name


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/email"),
        ({"email": "a@b.example", "password": 5}, "/password"),
        ({"email": {"$gt": ""}, "password": "x"}, "/email"),
        ({"email": "a@b.example", "password": "x", "admin": True}, "/admin"),
        ({"email": "a@b.example", "password": "x" * 129}, "/password"),
    ],
)
def test_a_body_of_another_form_is_refused_with_a_pointer(
    client: FlaskClient, body: dict[str, Any], pointer: str, database: Stored
) -> None:
    answer = client.post("/api/v1/sessions", json=body)
    assert answer.status_code == 422
    assert pointer in {fault["pointer"] for fault in answer.get_json()["errors"]}
    assert database["attempts"].count_documents({}) == 0
