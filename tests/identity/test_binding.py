"""A phone with a key of its own: its tokens are good with a proof for this request, now and once."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from backend.config import Config
from backend.services.binding import NONCE_SECONDS, nonce_at
from tests.access.world import bad_day, new_id
from tests.conftest import Clock
from tests.identity.phone_key import PhoneKey, hash_of
from tests.people import Person

Stored = Database[dict[str, Any]]

pytestmark = pytest.mark.usefixtures("present")


@dataclass
class Phone:
    """An activated phone with its key and its tokens."""

    client: FlaskClient
    key: PhoneKey
    device_id: str
    access: str
    refresh: str

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:  # noqa: ANN401
        return self.key.ask(self.client, method, path, self.access, **options)

    def renew(self, **options: Any) -> TestResponse:  # noqa: ANN401
        body = {"refresh_token": self.refresh}
        answer = self.key.ask(self.client, "POST", "/sessions/refresh", json=body, **options)
        if answer.status_code == 200:
            tokens = answer.get_json()
            self.access, self.refresh = tokens["access_token"], tokens["refresh_token"]
        return answer


def code_for(nurse: Person, subject_id: str) -> str:
    return str(nurse.post(f"/subjects/{subject_id}/activation-codes").get_json()["code"])


def activate(client: FlaskClient, code: str, key: PhoneKey, **options: Any) -> TestResponse:  # noqa: ANN401
    return key.ask(client, "POST", "/activations", json={"code": code}, **options)


@pytest.fixture
def phone(client: FlaskClient, nurse: Person, subject_id: str) -> Phone:
    key = PhoneKey()
    answer = activate(client, code_for(nurse, subject_id), key)
    assert answer.status_code == 201, answer.text
    made = answer.get_json()
    assert made["tokens"]["token_type"] == "DPoP"
    tokens = made["tokens"]
    return Phone(client, key, made["device_id"], tokens["access_token"], tokens["refresh_token"])


def refused(answer: TestResponse, error: str = "invalid_dpop_proof") -> bool:
    assert answer.status_code == 401, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == f'DPoP error="{error}", algs="ES256"'
    assert answer.get_json()["type"] == "urn:pro-ae:problem:proof-needed"
    return bool(answer.headers["DPoP-Nonce"])


def test_a_phone_with_a_key_works_as_any_other(
    phone: Phone, nurse: Person, subject_id: str
) -> None:
    assert phone.ask("GET", "/device").get_json()["bound"] is True
    diary = {**bad_day(), "day": today_of(phone)}
    assert phone.ask("POST", "/diaries", json=diary).status_code == 201
    assert phone.ask("GET", f"/subjects/{subject_id}/diaries?limit=1").status_code == 200
    assert phone.renew().get_json()["token_type"] == "DPoP"
    assert phone.ask("GET", "/device").status_code == 200
    (listed,) = nurse.get(f"/subjects/{subject_id}/devices").get_json()["items"]
    assert listed["bound"] is True


def today_of(phone: Phone) -> str:
    now = phone.client.application.extensions["backend"].clock()
    return str(now.date().isoformat())


def test_of_the_key_only_a_thumbprint_is_stored(phone: Phone, database: Stored) -> None:
    device = database["devices"].find_one({"_id": phone.device_id})
    session = database["sessions"].find_one({"device_id": phone.device_id})
    assert device is not None
    assert session is not None
    assert device["key_thumbprint"] == session["key_thumbprint"] == phone.key.thumbprint
    entry = database["audit"].find_one({"action": "device:activate"})
    assert entry is not None
    assert entry["details"] == {"bound": True}


def test_stolen_tokens_alone_are_useless_and_do_the_phone_no_harm(
    phone: Phone, client: FlaskClient, database: Stored
) -> None:
    bearer = {"Authorization": f"Bearer {phone.access}"}
    assert refused(client.get("/api/v1/device", headers=bearer))
    assert refused(client.get("/api/v1/device", headers={"Authorization": f"DPoP {phone.access}"}))
    body = {"refresh_token": phone.refresh}
    assert refused(client.post("/api/v1/sessions/refresh", json=body))
    thief = PhoneKey()
    thief.nonce = phone.key.nonce
    assert refused(thief.ask(client, "GET", "/device", phone.access))
    assert refused(thief.ask(client, "POST", "/sessions/refresh", json=body))
    # A used-up token without the key ends nothing either.
    old = phone.refresh
    assert phone.renew().status_code == 200
    assert refused(thief.ask(client, "POST", "/sessions/refresh", json={"refresh_token": old}))
    assert phone.renew().status_code == 200
    assert phone.ask("GET", "/device").status_code == 200
    assert database["audit"].count_documents({"action": "session:reuse"}) == 0


def test_a_bound_token_is_no_bearer_s_even_beside_a_good_proof(
    phone: Phone, client: FlaskClient
) -> None:
    proof = phone.key.proof("GET", "/api/v1/device", phone.access)
    headers = {"Authorization": f"Bearer {phone.access}", "DPoP": proof}
    assert refused(client.get("/api/v1/device", headers=headers))


def test_a_proof_is_good_once_whichever_worker_takes_it(phone: Phone, database: Stored) -> None:
    proof = phone.key.proof("GET", "/api/v1/device", phone.access)
    assert phone.ask("GET", "/device", proof=proof).status_code == 200
    assert refused(phone.ask("GET", "/device", proof=proof))
    # What is taken stands in the database alone: without the row it would be taken again.
    database["proofs"].delete_many({})
    assert phone.ask("GET", "/device", proof=proof).status_code == 200
    once = phone.key.proof("POST", "/api/v1/sessions/refresh")
    assert phone.renew(proof=once).status_code == 200
    assert refused(phone.renew(proof=once))


def test_a_proof_is_for_one_request_and_one_token(phone: Phone) -> None:
    path = "/api/v1/device"
    for wrong in (
        phone.key.proof("POST", path, phone.access),
        phone.key.proof("GET", "/api/v1/subjects", phone.access),
        phone.key.proof("GET", path + "/", phone.access),
        phone.key.proof("GET", path),
        phone.key.proof("GET", path, ath=hash_of("another")),
        phone.key.proof("GET", path, phone.access, jti=None),
        phone.key.proof("GET", path, phone.access, iat=None),
        phone.key.proof("GET", path, phone.access, htu=None),
        phone.key.proof("GET", path, phone.access, htm=7),
        phone.key.proof("GET", path, phone.access, jti=""),
        phone.key.proof("GET", path, phone.access, jti="x" * 201),
        phone.key.proof("GET", path, phone.access, jti="\ud800"),
        phone.key.proof("GET", path, phone.access, htu="https://[broken"),
    ):
        assert refused(phone.ask("GET", "/device", proof=wrong))
    # Scheme, host and query are the proxy's or open; the path as it is escaped does not matter.
    for good in ("http://10.0.0.7:8000/api/v1/device", f"https://a.example{path}?x=1#y", path):
        proof = phone.key.proof("GET", path, phone.access, htu=good)
        assert phone.ask("GET", "/device", proof=proof).status_code == 200


def test_another_kind_of_proof_is_none(phone: Phone) -> None:
    path = "/api/v1/device"
    jwk = phone.key.jwk
    for header in (
        {"typ": "JWT"},
        {"jwk": None},
        {"jwk": {**jwk, "d": "c2VjcmV0"}},
        {"jwk": {**jwk, "crv": "P-384"}},
        {"jwk": {**jwk, "kty": "RSA"}},
        {"jwk": {**jwk, "x": 7}},
        {"jwk": {**jwk, "x": "AAAA"}},
        {"jwk": {**jwk, "y": jwk["x"]}},
        {"jwk": PhoneKey().jwk},
    ):
        assert refused(
            phone.ask(
                "GET", "/device", proof=phone.key.proof("GET", path, phone.access, header=header)
            )
        ), header
    good = phone.key.proof("GET", path, phone.access)
    deep = base64.urlsafe_b64encode(b"[" * 2500).decode().rstrip("=")
    for text in ("x", "x.y.z", good[:-4] + "AAAA", good + good, f"{deep}.{deep}.x", "x" * 9000):
        assert refused(phone.ask("GET", "/device", proof=text)), text[:20]
    twice = [("Authorization", f"DPoP {phone.access}"), ("DPoP", good), ("DPoP", good)]
    assert refused(phone.client.get(path, headers=twice))


def test_the_server_s_nonce_says_when_and_not_the_phone_s_clock(
    phone: Phone, clock: Clock, config: Config
) -> None:
    # All proofs of these tests are dated in the year 2000.
    into = clock.now.timestamp() % NONCE_SECONDS
    clock.advance(seconds=-into)
    given = phone.key.nonce = nonce_at(config, clock.now)
    clock.advance(seconds=2 * NONCE_SECONDS - 1)
    proof = phone.key.proof("GET", "/api/v1/device", phone.access)
    answer = phone.ask("GET", "/device", proof=proof)
    assert answer.status_code == 200
    # Each answer has the next one, so that a phone in use is never asked for it.
    assert answer.headers["DPoP-Nonce"] != given
    phone.key.nonce = given
    clock.advance(seconds=1)
    assert refused(phone.ask("GET", "/device"), "use_dpop_nonce")
    # And with the one that came with the refusal it goes on.
    assert phone.ask("GET", "/device").status_code == 200
    for made_up in (None, "", "1.x", given.replace(".", ".0"), f"{given.split('.')[0]}."):
        phone.key.nonce = made_up
        assert refused(phone.ask("GET", "/device"), "use_dpop_nonce")


def test_a_phone_after_weeks_offline_needs_one_more_question(phone: Phone, clock: Clock) -> None:
    clock.advance(days=60)
    assert refused(phone.renew(), "use_dpop_nonce")
    assert phone.renew().status_code == 200
    for _ in range(3):
        diary = {**bad_day(), "submission_id": new_id(), "day": today_of(phone)}
        assert phone.ask("POST", "/diaries", json=diary).status_code == 201


def test_page_and_service_worker_that_renew_at_once_both_stay_signed_in(
    app: flask.Flask, phone: Phone
) -> None:
    # Each with a proof of its own; whoever was slower is looked at again, and its proof is not asked twice.
    path, body = "/api/v1/sessions/refresh", {"refresh_token": phone.refresh}
    proofs = [phone.key.proof("POST", path) for _ in range(2)]

    def renew(proof: str) -> int:
        client = app.test_client()
        return client.post(path, json=body, headers={"DPoP": proof}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(renew, proofs)) == [200, 200]


def test_a_phone_without_a_key_stays_a_bearer_s(
    client: FlaskClient, nurse: Person, subject_id: str
) -> None:
    body = {"code": code_for(nurse, subject_id)}
    made = client.post("/api/v1/activations", json=body).get_json()
    assert made["tokens"]["token_type"] == "Bearer"
    token = made["tokens"]["access_token"]
    assert Person(client, token, "").get("/device").get_json()["bound"] is False
    # Nor does it pass for a bound one.
    answer = PhoneKey().ask(client, "GET", "/device", token)
    assert answer.status_code == 401


def test_a_bad_proof_at_activation_does_not_use_up_the_code(
    client: FlaskClient, nurse: Person, subject_id: str
) -> None:
    code, key = code_for(nurse, subject_id), PhoneKey()
    assert refused(activate(client, code, key, proof="nonsense"))
    assert refused(activate(client, code, key, proof=key.proof("POST", "/api/v1/sessions")))
    assert activate(client, code, key).status_code == 201


@pytest.fixture
def strict(config: Config, app: flask.Flask) -> Iterator[FlaskClient]:
    """Give a client of the application where a study asks for keys."""
    usual = app.extensions["backend"]
    demanding = replace(config, require_device_binding=True)
    app.extensions["backend"] = replace(usual, config=demanding)
    yield app.test_client()
    app.extensions["backend"] = usual


def test_a_study_may_ask_every_new_phone_for_a_key(
    strict: FlaskClient, nurse: Person, subject_id: str
) -> None:
    code = code_for(nurse, subject_id)
    assert refused(strict.post("/api/v1/activations", json={"code": code}))
    assert activate(strict, code, PhoneKey()).status_code == 201


def test_a_phone_that_is_activated_already_stays_when_keys_are_asked_for(
    app: flask.Flask, client: FlaskClient, nurse: Person, subject_id: str, config: Config
) -> None:
    body = {"code": code_for(nurse, subject_id)}
    tokens = client.post("/api/v1/activations", json=body).get_json()["tokens"]
    usual = app.extensions["backend"]
    app.extensions["backend"] = replace(usual, config=replace(config, require_device_binding=True))
    try:
        assert Person(client, tokens["access_token"], "").get("/device").status_code == 200
    finally:
        app.extensions["backend"] = usual
