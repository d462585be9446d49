"""Staying signed in: each token once; who comes with a used-up one ends the whole family."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from backend.access import Grant, Role
from backend.config import Config
from backend.context import Context
from backend.services.session import PHONE_GRACE
from tests.access.world import Who, join_phone, join_staff
from tests.conftest import Clock
from tests.identity.conftest import person
from tests.people import Person

Stored = Database[dict[str, Any]]
GRACE_SECONDS = PHONE_GRACE.total_seconds()


@pytest.fixture
def who(here: Context) -> Who:
    return join_staff(here, "somebody", Grant(Role.NURSE, "S01")).who


@pytest.fixture
def phone(here: Context, subject_id: str) -> Who:
    return join_phone(here, "phone", subject_id).who


def first(who: Who) -> str:
    assert who.tokens is not None
    return who.tokens.refresh_token


def refresh(client: FlaskClient, token: str) -> TestResponse:
    return client.post("/api/v1/sessions/refresh", json={"refresh_token": token})


def following(client: FlaskClient, token: str) -> str:
    answer = refresh(client, token)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["refresh_token"])


def works(client: FlaskClient, who: Who) -> bool:
    answer = client.get("/api/v1/sessions/current", headers=who.headers)
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def actions(database: Stored) -> list[str]:
    return sorted(entry["action"] for entry in database["audit"].find())


def test_each_token_gets_the_next(client: FlaskClient, who: Who, clock: Clock) -> None:
    clock.advance(minutes=20)
    assert not works(client, who)
    answer = refresh(client, first(who)).get_json()
    assert Person(client, answer["access_token"], "").get("/sessions/current").status_code == 200
    assert answer["refresh_token"] != first(who)
    following(client, answer["refresh_token"])


def test_only_a_hash_is_stored(client: FlaskClient, who: Who, database: Stored) -> None:
    token = following(client, first(who))
    stored = str(list(database["sessions"].find()))
    for secret in (token, first(who), token.split(".")[1]):
        assert secret not in stored


def test_a_used_up_token_ends_the_family_and_is_audited(
    client: FlaskClient, who: Who, database: Stored
) -> None:
    token = following(client, first(who))
    assert refresh(client, first(who)).status_code == 401
    assert refresh(client, token).status_code == 401
    assert not works(client, who)
    assert actions(database) == ["session:reuse"]
    entry = database["audit"].find_one({"action": "session:reuse"})
    assert entry is not None
    assert who.actor is not None
    assert entry["actor_id"] == who.actor.id


def test_an_older_token_than_the_last_ends_it_too(client: FlaskClient, phone: Who) -> None:
    token = following(client, following(client, first(phone)))
    assert refresh(client, first(phone)).status_code == 401
    assert refresh(client, token).status_code == 401


def test_a_guess_ends_nothing(client: FlaskClient, who: Who, database: Stored) -> None:
    # The id of a family stands in the audit trail: knowing it must not be enough to end it.
    family, secret, mark = first(who).split(".")
    for guess in (family, f"{family}.x.y", f"{family}.{secret}x.{mark}", f"{family}.{secret}."):
        assert refresh(client, guess).status_code == 401
    assert works(client, who)
    following(client, first(who))
    assert actions(database) == []


@pytest.mark.parametrize("token", ["x", "x.y.z", "\x01", "ü.ü.ü", "." * 200])
def test_an_unknown_token_is_refused(client: FlaskClient, token: str) -> None:
    assert refresh(client, token).status_code == 401


def test_a_staff_sign_in_ends_on_its_day_however_often_refreshed(
    client: FlaskClient, who: Who, clock: Clock, config: Config
) -> None:
    clock.advance(seconds=config.refresh_token_seconds - 1)
    token = following(client, first(who))
    clock.advance(seconds=1)
    assert refresh(client, token).status_code == 401


def test_a_phone_stays_as_long_as_it_comes_back(
    client: FlaskClient, phone: Who, clock: Clock, config: Config
) -> None:
    token = first(phone)
    for _ in range(3):
        clock.advance(seconds=config.device_token_seconds - 1)
        token = following(client, token)
    clock.advance(seconds=config.device_token_seconds)
    assert refresh(client, token).status_code == 401


def test_a_phone_that_lost_the_answer_comes_once_more(
    client: FlaskClient, phone: Who, clock: Clock
) -> None:
    lost = following(client, first(phone))
    clock.advance(seconds=GRACE_SECONDS)
    token = following(client, first(phone))
    assert token != lost
    # And from there on as ever, with the same grace for the next lost answer.
    token = following(client, token)
    following(client, token)
    clock.advance(hours=1)
    following(client, token)


def test_it_comes_once_more_and_not_twice(client: FlaskClient, phone: Who) -> None:
    following(client, first(phone))
    token = following(client, first(phone))
    assert refresh(client, first(phone)).status_code == 401
    assert refresh(client, token).status_code == 401


def test_it_does_not_come_after_the_time_of_grace(
    client: FlaskClient, phone: Who, clock: Clock
) -> None:
    token = following(client, first(phone))
    clock.advance(seconds=GRACE_SECONDS, milliseconds=1)
    assert refresh(client, first(phone)).status_code == 401
    assert refresh(client, token).status_code == 401


def test_a_thief_with_the_token_before_is_found_out_by_the_phone(
    client: FlaskClient, phone: Who, database: Stored, nurse: Person, subject_id: str
) -> None:
    kept = following(client, first(phone))
    stolen = following(client, first(phone))
    assert refresh(client, kept).status_code == 401
    assert refresh(client, stolen).status_code == 401
    # Staff see that the patient needs a new code, and no reminder goes to that phone.
    (device,) = nurse.get(f"/subjects/{subject_id}/devices").get_json()["items"]
    assert device["revoked_why"] == "reuse"
    entry = database["audit"].find_one({"action": "session:reuse"})
    assert entry is not None
    assert (entry["site"], entry["subject_id"]) == ("S01", subject_id)


def test_of_one_token_sent_by_many_at_once_one_staff_family_is_left_or_none(
    app: flask.Flask, who: Who, database: Stored
) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: refresh(app.test_client(), first(who)), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 5
    assert actions(database) == ["session:reuse"]
    (won,) = [answer.get_json() for answer in answers if answer.status_code == 200]
    assert refresh(app.test_client(), won["refresh_token"]).status_code == 401


def test_one_sees_and_ends_ones_own_sign_ins_only(
    nurse: Person, far_nurse: Person, database: Stored, clock: Clock
) -> None:
    (mine,) = nurse.get("/sessions").get_json()["items"]
    assert mine.keys() == {"id", "created_at", "used_at", "expires_at", "client", "current"}
    (others,) = far_nurse.get("/sessions").get_json()["items"]
    assert nurse.call("DELETE", f"/sessions/{others['id']}").status_code == 404
    assert nurse.call("DELETE", "/sessions/no-such").status_code == 404
    assert far_nurse.get("/sessions").status_code == 200
    clock.advance(seconds=1)
    database["sessions"].insert_one(
        {
            **_stored(database, mine["id"]),
            "_id": "second",
            "created_at": clock.now,
            "rotated_at": clock.now,
        }
    )
    assert [one["id"] for one in nurse.get("/sessions").get_json()["items"]] == [
        "second",
        mine["id"],
    ]
    assert nurse.call("DELETE", "/sessions/second").status_code == 204
    assert nurse.call("DELETE", "/sessions/second").status_code == 404
    assert nurse.get("/sessions").get_json()["items"] == [mine]
    assert nurse.call("DELETE", "/sessions/current").status_code == 204
    assert nurse.get("/sessions").status_code == 401
    assert actions(database) == ["session:end", "session:end"]


def test_a_public_route_takes_no_offence_at_an_expired_token(
    client: FlaskClient, who: Who, clock: Clock
) -> None:
    clock.advance(hours=1)
    answer = client.post(
        "/api/v1/sessions/refresh", json={"refresh_token": first(who)}, headers=who.headers
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer x.y.z", "bearer \x7f", "Bearer ü"]
)
def test_a_bad_token_is_a_401_that_says_which_scheme(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/v1/sessions/current", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.content_type == "application/problem+json"


def test_who_asks_is_told_who_they_are(app: flask.Flask, phone: Who, subject_id: str) -> None:
    told = person(app, phone).get("/sessions/current").get_json()
    assert phone.actor is not None
    assert told == {
        "id": phone.actor.id,
        "subject_id": subject_id,
        "grants": [{"role": "patient", "site": "S01", "unblinded": False}],
    }


def _stored(database: Stored, session_id: str) -> dict[str, Any]:
    stored = database["sessions"].find_one({"_id": session_id})
    assert stored is not None
    return stored
