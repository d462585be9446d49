"""A patient's phone: a code that works once, and that nobody can guess, read or use twice."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from backend.config import Config
from backend.services.activation import ADDRESS_LIMIT
from backend.services.limits import take_attempt
from tests.conftest import Clock
from tests.people import Person, enrolled

Stored = Database[dict[str, Any]]

pytestmark = pytest.mark.usefixtures("present")


def issue(by: Person, subject_id: str) -> str:
    answer = by.post(f"/subjects/{subject_id}/activation-codes")
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["code"])


def activate(client: FlaskClient, code: str) -> TestResponse:
    return client.post("/api/v1/activations", json={"code": code, "label": "my phone"})


def test_a_code_makes_a_phone_that_speaks_for_its_subject(
    nurse: Person, subject_id: str, client: FlaskClient, config: Config
) -> None:
    answer = activate(client, issue(nurse, subject_id))
    assert answer.status_code == 201
    made = answer.get_json()
    assert (made["subject_id"], made["language"], made["zone"]) == (
        subject_id,
        "en",
        "Asia/Shanghai",
    )
    assert made["tokens"]["expires_in"] == config.access_token_seconds
    phone = Person(client, made["tokens"]["access_token"], made["device_id"])
    assert phone.get("/device").get_json()["id"] == made["device_id"]
    assert phone.get(f"/subjects/{subject_id}").status_code == 200
    following = client.post(
        "/api/v1/sessions/refresh", json={"refresh_token": made["tokens"]["refresh_token"]}
    )
    assert following.status_code == 200


def test_a_code_is_long_readable_and_stored_as_a_hash_only(
    nurse: Person, subject_id: str, database: Stored
) -> None:
    code = issue(nurse, subject_id)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert code != issue(nurse, subject_id)
    stored = str(list(database["activation_codes"].find())) + str(list(database["audit"].find()))
    assert code not in stored
    assert code.replace("-", "") not in stored


def test_a_code_may_be_spelled_as_people_spell(
    nurse: Person, subject_id: str, client: FlaskClient
) -> None:
    code = issue(nurse, subject_id)
    spelled = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert activate(client, f" {spelled} ").status_code == 201


def test_a_code_works_once(
    nurse: Person, subject_id: str, client: FlaskClient, clock: Clock
) -> None:
    code = issue(nurse, subject_id)
    assert activate(client, code).status_code == 201
    clock.advance(seconds=1)
    assert activate(client, code).status_code == 401


def test_of_many_phones_at_once_one_gets_in(
    nurse: Person, subject_id: str, app: flask.Flask, database: Stored
) -> None:
    code = issue(nurse, subject_id)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: activate(app.test_client(), code), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 5
    assert database["devices"].count_documents({}) == 1
    assert database["sessions"].count_documents({"device_id": {"$exists": True}}) == 1
    assert database["audit"].count_documents({"action": "device:activate"}) == 1


def test_a_new_code_voids_the_older_of_the_same_subject_only(
    nurse: Person, subject_id: str, client: FlaskClient
) -> None:
    others = issue(nurse, enrolled(nurse))
    old = issue(nurse, subject_id)
    new = issue(nurse, subject_id)
    assert activate(client, old).status_code == 401
    assert activate(client, new).status_code == 201
    assert activate(client, others).status_code == 201


def test_a_code_ends_in_time(
    nurse: Person, subject_id: str, client: FlaskClient, clock: Clock, config: Config
) -> None:
    code = issue(nurse, subject_id)
    clock.advance(seconds=config.activation_code_seconds)
    assert activate(client, code).status_code == 401


def test_unknown_used_voided_and_expired_are_answered_alike(
    nurse: Person, subject_id: str, client: FlaskClient, clock: Clock, config: Config
) -> None:
    voided, used = issue(nurse, subject_id), issue(nurse, subject_id)
    activate(client, used)
    answers = [activate(client, code) for code in ("0000-0000-0000", voided, used)]
    expired = issue(nurse, subject_id)
    clock.advance(seconds=config.activation_code_seconds)
    answers.append(activate(client, expired))
    bodies = [{**answer.get_json(), "request_id": ""} for answer in answers]
    assert bodies == [bodies[0]] * 4


def test_guessing_is_slowed_down_and_rightful_phones_are_not(
    nurse: Person, subject_id: str, client: FlaskClient, config: Config, clock: Clock
) -> None:
    for _ in range(ADDRESS_LIMIT.most - 1):
        take_attempt(ADDRESS_LIMIT, "127.0.0.1", config=config, now=clock.now)
    for _ in range(2):
        assert activate(client, issue(nurse, subject_id)).status_code == 201
    assert activate(client, "guess").status_code == 401
    code = issue(nurse, subject_id)
    refused = activate(client, code)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == str(int(ADDRESS_LIMIT.window.total_seconds()))
    clock.advance(seconds=ADDRESS_LIMIT.window.total_seconds())
    # The nurse's own token has expired meanwhile; the code has not.
    assert activate(client, code).status_code == 201


def test_staff_of_another_site_cannot_invite(far_nurse: Person, subject_id: str) -> None:
    assert far_nurse.post(f"/subjects/{subject_id}/activation-codes").status_code == 404
    assert far_nurse.post("/subjects/S01-9999/activation-codes").status_code == 404


def test_the_trail_has_the_invitation_and_the_activation(
    nurse: Person, subject_id: str, client: FlaskClient, database: Stored
) -> None:
    device_id = activate(client, issue(nurse, subject_id)).get_json()["device_id"]
    invited = database["audit"].find_one({"action": "device:invite"})
    assert invited is not None
    assert (invited["actor_id"], invited["target"]) == (nurse.id, f"subject/{subject_id}")
    activated = database["audit"].find_one({"action": "device:activate"})
    assert activated is not None
    assert activated["target"] == activated["actor_id"] == f"device/{device_id}"
    assert (activated["site"], activated["subject_id"]) == ("S01", subject_id)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/code"),
        ({"code": ""}, "/code"),
        ({"code": "x" * 41}, "/code"),
        ({"code": "x", "label": 1}, "/label"),
        ({"code": "x", "subject_id": "S01-0001"}, "/subject_id"),
    ],
)
def test_a_bad_body_is_refused_with_a_pointer(
    client: FlaskClient, body: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/api/v1/activations", json=body)
    assert answer.status_code == 422
    assert pointer in {fault["pointer"] for fault in answer.get_json()["errors"]}
