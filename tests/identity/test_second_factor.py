"""TOTP beside the password: each code once, few tries, recovery, and the way back."""

from typing import Any

import flask
import pyotp
import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from backend.models.staff import find_staff
from tests.conftest import Clock
from tests.people import PASSWORD, Person, enrolled, staff

Stored = Database[dict[str, Any]]
pytestmark = pytest.mark.usefixtures("present")
ME = "/staff/me/second-factor"
AGAIN = {"password": PASSWORD}


@pytest.fixture
def me(app: flask.Flask) -> Person:
    return staff(app, "investigator", "S01")


@pytest.fixture
def app_of_mine(me: Person, clock: Clock) -> tuple[pyotp.TOTP, list[str]]:
    """Enrol an authenticator app; give it and the recovery codes."""
    begun = me.post(ME, AGAIN)
    assert begun.status_code == 201, begun.text
    totp = pyotp.parse_uri(begun.get_json()["uri"])
    assert isinstance(totp, pyotp.TOTP)
    assert totp.secret == begun.get_json()["secret"]
    answer = me.post(f"{ME}/confirmation", {"code": totp.at(clock.now)})
    assert answer.status_code == 200, answer.text
    return totp, answer.get_json()["recovery_codes"]


def sign_in(
    client: FlaskClient, me: Person, code: str | None = None, password: str = PASSWORD
) -> Any:  # noqa: ANN401
    known = find_staff(me.id)
    assert known is not None
    body = {"email": known.email, "password": password}
    return client.post("/api/v1/sessions", json=body if code is None else {**body, "code": code})


def test_a_code_is_asked_for_once_it_is_confirmed_and_not_before(
    me: Person, client: FlaskClient, clock: Clock, database: Stored
) -> None:
    begun = me.post(ME, AGAIN).get_json()
    assert me.get(ME).get_json() == {"totp": False}
    assert sign_in(client, me).status_code == 201
    wrong = me.post(f"{ME}/confirmation", {"code": "000000"})
    assert (wrong.status_code, wrong.get_json()["errors"][0]["pointer"]) == (422, "/code")
    totp = pyotp.TOTP(begun["secret"])
    codes = me.post(f"{ME}/confirmation", {"code": totp.at(clock.now)}).get_json()
    assert len(set(codes["recovery_codes"])) == 10
    assert me.get(ME).get_json() == {"totp": True}
    refused = sign_in(client, me)
    assert refused.status_code == 401
    assert refused.get_json()["type"].endswith("second-factor-needed")
    assert me.post(ME, AGAIN).status_code == 409
    stored = str(list(database["second_factors"].find())) + str(list(database["audit"].find()))
    assert begun["secret"] not in stored
    assert not any(code in stored for code in codes["recovery_codes"])


def test_who_has_an_access_token_alone_enrols_nothing(me: Person, database: Stored) -> None:
    wrong = me.post(ME, {"password": "not the password at all"})
    assert (wrong.status_code, wrong.get_json()["errors"][0]["pointer"]) == (422, "/password")
    assert me.post(ME).status_code == 422
    assert database["second_factors"].count_documents({}) == 0


def test_each_code_is_good_once_and_for_its_time(
    me: Person, client: FlaskClient, clock: Clock, app_of_mine: tuple[pyotp.TOTP, list[str]]
) -> None:
    totp, _ = app_of_mine
    # The one that confirmed is used up.
    assert sign_in(client, me, totp.at(clock.now)).status_code == 401
    clock.advance(seconds=30)
    code = totp.at(clock.now)
    assert sign_in(client, me, code).status_code == 201
    assert sign_in(client, me, code).status_code == 401
    # A phone's clock may be half a minute off, and not two.
    clock.advance(seconds=60)
    late = totp.at(clock.now)
    clock.advance(seconds=30)
    assert sign_in(client, me, late).status_code == 201
    clock.advance(seconds=30)
    old = totp.at(clock.now)
    clock.advance(seconds=90)
    assert sign_in(client, me, old).status_code == 401


def test_a_wrong_password_never_says_that_there_is_a_second_factor(
    me: Person, client: FlaskClient, app_of_mine: tuple[pyotp.TOTP, list[str]]
) -> None:
    assert app_of_mine
    answer = sign_in(client, me, password="not the password at all")
    assert answer.get_json()["type"].endswith("unauthorised")


def test_codes_cannot_be_tried_through(
    me: Person,
    client: FlaskClient,
    clock: Clock,
    app_of_mine: tuple[pyotp.TOTP, list[str]],
    database: Stored,
) -> None:
    totp, recovery = app_of_mine
    clock.advance(seconds=60)
    statuses = [sign_in(client, me, "000000").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert sign_in(client, me, totp.at(clock.now)).status_code == 429
    assert sign_in(client, me, recovery[0]).status_code == 429
    assert database["audit"].count_documents({"action": "second_factor:refuse"}) == 5
    clock.advance(minutes=15)
    assert sign_in(client, me, totp.at(clock.now)).status_code == 201


def test_a_recovery_code_is_good_once_instead(
    me: Person,
    client: FlaskClient,
    app_of_mine: tuple[pyotp.TOTP, list[str]],
    database: Stored,
) -> None:
    _, recovery = app_of_mine
    spelled = f"{recovery[3][:5]}-{recovery[3][5:].lower()}"
    assert sign_in(client, me, spelled).status_code == 201
    assert sign_in(client, me, recovery[3]).status_code == 401
    entry = database["audit"].find_one({"action": "second_factor:recover"})
    assert entry is not None
    assert entry["details"] == {"recovery_left": 9}


def test_it_is_taken_away_with_password_and_code_or_by_an_administrator(
    me: Person,
    client: FlaskClient,
    clock: Clock,
    app_of_mine: tuple[pyotp.TOTP, list[str]],
    app: flask.Flask,
    database: Stored,
) -> None:
    totp, _ = app_of_mine
    clock.advance(seconds=60)
    bad = me.post(f"{ME}/removal", {"password": PASSWORD, "code": "000000"})
    assert (bad.status_code, bad.get_json()["errors"][0]["pointer"]) == (422, "/code")
    good = {"password": PASSWORD, "code": totp.at(clock.now)}
    assert me.post(f"{ME}/removal", good).status_code == 204
    assert sign_in(client, me).status_code == 201
    secret = me.post(ME, AGAIN).get_json()["secret"]
    code = pyotp.TOTP(secret).at(clock.now)
    assert me.post(f"{ME}/confirmation", {"code": code}).status_code == 200
    assert staff(app, "administrator", "S02").call(
        "DELETE", f"/staff/{me.id}/second-factor"
    ).status_code in (403, 404)
    administrator = staff(app, "administrator")
    assert (
        administrator.call("DELETE", f"/staff/{administrator.id}/second-factor").status_code == 403
    )
    path = f"/staff/{me.id}/second-factor"
    assert administrator.call("DELETE", path).status_code == 204
    assert administrator.call("DELETE", path).status_code == 404
    assert sign_in(client, me).status_code == 201
    removed = list(database["audit"].find({"action": "second_factor:remove"}))
    assert sorted(entry["actor_id"] for entry in removed) == sorted([me.id, administrator.id])


def test_a_signature_asks_for_the_code_too(
    me: Person, clock: Clock, app_of_mine: tuple[pyotp.TOTP, list[str]], app: flask.Flask
) -> None:
    totp, _ = app_of_mine
    path = f"/subjects/{enrolled(staff(app, 'nurse', 'S01'))}/signatures"
    signing = {"rev": 0, "meaning": "author", "password": PASSWORD}
    without = me.post(path, signing)
    assert (without.status_code, without.get_json()["errors"][0]["pointer"]) == (422, "/code")
    clock.advance(seconds=60)
    assert me.post(path, {**signing, "code": totp.at(clock.now)}).status_code == 201
