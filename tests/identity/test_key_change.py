"""The signing key changes under running processes: nobody is signed out, and the old one ends."""

import dataclasses
from collections.abc import Callable

import flask
import jwt
import pytest
from flask.testing import FlaskClient

from backend.access import Grant, Role
from backend.app import create_app
from backend.config import Config
from backend.errors import TooManyRequests, Unauthorised
from backend.services.limits import Limit, take_attempt
from backend.services.tokens import TokenPair, is_genuine, read_access, sign_access
from tests.access.world import join_staff
from tests.conftest import Clock
from tests.identity.conftest import person
from tests.identity.test_limits import LIMIT
from tests.people import Person, enrolled

OLD, NEW = "the-old-key-" * 4, "the-new-key-" * 4
# The order of docs/keys.md; each step is deployed everywhere before the next begins.
BEFORE = {"secret_key": OLD}
ANNOUNCED = {"secret_key": OLD, "secret_key_next": NEW}
SWITCHED = {"secret_key": NEW, "secret_key_previous": OLD}
DROPPED = {"secret_key": NEW}
NEIGHBOURS = [(BEFORE, ANNOUNCED), (ANNOUNCED, SWITCHED), (SWITCHED, DROPPED)]
NAMES = ["announce", "switch", "drop"]

Make = Callable[[dict[str, str]], flask.Flask]


@pytest.fixture(scope="module")
def _processes(_app: flask.Flask, config: Config, _clock: Clock) -> dict[str, flask.Flask]:
    """Start one web application for each step, on the same database."""
    assert _app
    return {
        repr(step): create_app(dataclasses.replace(config, **step), clock=_clock)  # type: ignore[arg-type]
        for step in (BEFORE, ANNOUNCED, SWITCHED, DROPPED)
    }


@pytest.fixture
def make(_processes: dict[str, flask.Flask], app: flask.Flask) -> Make:
    """Give the web application that is at one step of the change."""
    assert app
    return lambda step: _processes[repr(step)]


def refresh(client: FlaskClient, token: str) -> int:
    return client.post("/api/v1/sessions/refresh", json={"refresh_token": token}).status_code


def activate(client: FlaskClient, code: str) -> int:
    return client.post("/api/v1/activations", json={"code": code, "label": "phone"}).status_code


def listed(client: FlaskClient, access_token: str) -> int:
    return Person(client, access_token, "").get("/alerts").status_code


def made_at(app: flask.Flask) -> tuple[TokenPair, str, Person]:
    """Give what one process handed out: a nurse's tokens, a patient's code; and the nurse."""
    who = join_staff(app.extensions["backend"], "nurse", Grant(Role.NURSE, "S01")).who
    nurse = person(app, who)
    assert who.tokens is not None
    return who.tokens, code_of(nurse), nurse


def code_of(nurse: Person) -> str:
    answer = nurse.post(f"/subjects/{enrolled(nurse)}/activation-codes")
    return str(answer.get_json()["code"])


@pytest.mark.parametrize(("earlier", "later"), NEIGHBOURS[:2], ids=NAMES[:2])
def test_two_processes_at_neighbouring_steps_take_what_the_other_made(
    make: Make, earlier: dict[str, str], later: dict[str, str]
) -> None:
    one, other = make(earlier), make(later)
    for maker, reader in ((one, other), (other, one)):
        tokens, code, _ = made_at(maker)
        client = reader.test_client()
        assert listed(client, tokens.access_token) == 200
        assert activate(client, code) == 201
        assert refresh(client, tokens.refresh_token) == 200


def test_what_the_old_key_made_is_good_until_it_is_dropped(make: Make) -> None:
    tokens, code, nurse = made_at(make(BEFORE))
    spare = code_of(nurse)
    switched, dropped = make(SWITCHED).test_client(), make(DROPPED).test_client()
    assert listed(switched, tokens.access_token) == 200
    assert listed(dropped, tokens.access_token) == 401
    assert activate(dropped, code) == 401
    assert activate(switched, code) == 201
    assert activate(dropped, spare) == 401
    # A sign-in itself outlives the key: its refresh token is known by its own hash.
    assert refresh(dropped, tokens.refresh_token) == 200


@pytest.mark.parametrize(("step", "ends"), [(SWITCHED, True), (DROPPED, False)])
def test_reuse_of_an_old_token_ends_its_family_while_the_old_key_is_kept(
    make: Make, step: dict[str, str], *, ends: bool
) -> None:
    tokens, _, _ = made_at(make(BEFORE))
    client = make(step).test_client()
    answer = client.post("/api/v1/sessions/refresh", json={"refresh_token": tokens.refresh_token})
    following = answer.get_json()
    assert refresh(client, tokens.refresh_token) == 401
    assert listed(client, following["access_token"]) == (401 if ends else 200)


@pytest.mark.parametrize(("earlier", "later"), NEIGHBOURS[:2], ids=NAMES[:2])
def test_nobody_gets_more_attempts_from_a_process_that_is_one_step_behind(
    config: Config, present: Clock, make: Make, earlier: dict[str, str], later: dict[str, str]
) -> None:
    assert make
    limit = Limit("key change", LIMIT.most, LIMIT.window)
    steps = [dataclasses.replace(config, **step) for step in (earlier, later)]  # type: ignore[arg-type]
    for count in range(limit.most):
        take_attempt(limit, "nurse@example.org", config=steps[count % 2], now=present.now)
    for step in steps:
        with pytest.raises(TooManyRequests):
            take_attempt(limit, "nurse@example.org", config=step, now=present.now)


def test_the_header_chooses_among_our_keys_and_only_among_them(
    config: Config, clock: Clock
) -> None:
    old, new, both = (
        dataclasses.replace(config, **step)  # type: ignore[arg-type]
        for step in (BEFORE, DROPPED, SWITCHED)
    )
    by_old, by_new = (sign_access(one, "family", "id", now=clock.now) for one in (old, new))
    assert {read_access(both, token, now=clock.now) for token in (by_old, by_new)} == {"family"}
    # Signed by one accepted key under the name of the other.
    kid = {"kid": jwt.get_unverified_header(by_new)["kid"]}
    claims = jwt.decode(by_old, options={"verify_signature": False})
    forged = jwt.encode(claims, OLD, "HS256", headers=kid)
    with pytest.raises(Unauthorised):
        read_access(both, forged, now=clock.now)
    assert not is_genuine(both, "family.secret.mark")
