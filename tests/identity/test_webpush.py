"""An installed page says where it is pushed: patients, staff, and the key that both subscribe with."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask.testing import FlaskClient
from py_vapid import Vapid02
from pymongo.database import Database

from backend.config import Config, ConfigurationError
from backend.context import Context
from backend.subscription import PUSH_SERVICES
from tests.access.world import join_phone
from tests.identity.conftest import person
from tests.people import Person
from tests.stubs.vapid import write_key
from tests.stubs.webpush import WebPushStub

Stored = Database[dict[str, Any]]


@pytest.fixture
def stub() -> Iterator[WebPushStub]:
    with WebPushStub() as running:
        yield running


@pytest.fixture(autouse=True)
def _allowed(
    app: flask.Flask, here: Context, stub: WebPushStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = dataclasses.replace(here.config, webpush_hosts=(stub.host, *PUSH_SERVICES))
    monkeypatch.setitem(app.extensions, "backend", dataclasses.replace(here, config=config))


@pytest.fixture
def patient(app: flask.Flask, here: Context, subject_id: str) -> Person:
    return person(app, join_phone(here, "phone", subject_id).who)


def elsewhere(subscription: str) -> str:
    """Give a subscription that leads to the machine's own network."""
    given = {**json.loads(subscription), "endpoint": "http://169.254.169.254/latest/meta-data"}
    return json.dumps(given, separators=(",", ":"))


def test_a_patients_page_registers_its_subscription(
    patient: Person, stub: WebPushStub, database: Stored
) -> None:
    value = stub.subscribe("patient")
    # As a browser's JSON has it.
    sent = value.replace('"keys"', '"expirationTime":null,"keys"')
    body = {"kind": "webpush", "value": sent, "reminder_time": "19:30"}
    answer = patient.call("PUT", "/device/push-address", json=body)
    assert answer.status_code == 200, answer.text
    assert (answer.get_json()["push_kind"], answer.get_json()["push_dead_at"]) == ("webpush", None)
    assert stub.url not in answer.text
    stored = database["devices"].find_one({"push_kind": "webpush"})
    assert stored is not None
    assert (stored["push_value"], stored["reminder_time"]) == (value, "19:30")


def test_a_page_of_staff_registers_its_subscription(
    nurse: Person, stub: WebPushStub, database: Stored
) -> None:
    body = {"channel": "webpush", "kind": "webpush", "value": stub.subscribe("nurse")}
    answer = nurse.call("PUT", "/staff/me/push-address", json=body)
    assert answer.status_code == 200, answer.text
    told = answer.get_json()
    assert (told["channel"], told["push_kind"]) == ("webpush", "webpush")
    assert stub.url not in answer.text
    stored = database["staff"].find_one({"_id": nurse.id})
    assert stored is not None
    assert stored["push_value"] == body["value"]
    unreachable = [one["id"] for one in nurse.get("/unreachable").get_json()]
    assert nurse.id not in unreachable


@pytest.mark.parametrize("value", ["installation-1", "{}", "[" * 4096, "elsewhere", "spaced"])
def test_a_value_that_is_no_subscription_of_an_allowed_service_is_refused(
    patient: Person, nurse: Person, stub: WebPushStub, value: str, database: Stored
) -> None:
    good = stub.subscribe("browser")
    bad = {"elsewhere": elsewhere(good), "spaced": good.replace(",", ", ")}.get(value, value)
    for answer in (
        patient.call("PUT", "/device/push-address", json={"kind": "webpush", "value": bad}),
        nurse.call(
            "PUT",
            "/staff/me/push-address",
            json={"channel": "webpush", "kind": "webpush", "value": bad},
        ),
    ):
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.get_json()["errors"]] == ["/value"]
        assert bad not in answer.text
    for name in ("devices", "staff"):
        assert database[name].count_documents({"push_value": {"$exists": True}}) == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"channel": "webpush"}, "/value"),
        ({"channel": "webpush", "kind": "webpush"}, "/value"),
        ({"channel": "webpush", "kind": "fid", "value": "f"}, "/kind"),
        ({"channel": "fcm", "kind": "webpush", "value": "{}"}, "/kind"),
        ({"channel": "email", "kind": "webpush", "value": "{}"}, "/value"),
    ],
)
def test_a_channel_wants_an_address_of_its_kind(
    nurse: Person, body: dict[str, str], pointer: str
) -> None:
    answer = nurse.call("PUT", "/staff/me/push-address", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]


def test_a_mailbox_may_have_a_page_behind_it(nurse: Person, stub: WebPushStub) -> None:
    body = {"channel": "email", "kind": "webpush", "value": stub.subscribe("nurse")}
    answer = nurse.call("PUT", "/staff/me/push-address", json=body)
    assert (answer.status_code, answer.get_json()["push_kind"]) == (200, "webpush")


def test_a_subscription_of_staff_that_is_lost_is_shown(nurse: Person, database: Stored) -> None:
    changed = {"$set": {"channel": "webpush", "push_kind": "fid", "push_value": "f"}}
    database["staff"].update_one({"_id": nurse.id}, changed)
    (found,) = nurse.get("/unreachable").get_json()
    assert (found["id"], found["reason"]) == (nurse.id, "no push address")


def with_key(app: flask.Flask, file: Path) -> None:
    here: Context = app.extensions["backend"]
    config = dataclasses.replace(here.config, webpush_key_file=file)
    app.extensions["backend"] = dataclasses.replace(here, config=config)


def test_everybody_signed_in_gets_the_key_to_subscribe_with(
    app: flask.Flask, patient: Person, nurse: Person, client: FlaskClient, tmp_path: Path
) -> None:
    assert client.get("/api/v1/push-key").status_code == 401
    assert patient.get("/push-key").get_json() == {"application_server_key": None}
    file = write_key(tmp_path)
    with_key(app, file)
    for who in (patient, nurse):
        answer = who.get("/push-key")
        assert answer.status_code == 200
        key = answer.get_json()["application_server_key"]
    private = load_pem_private_key(file.read_bytes(), None)
    claims = {"aud": "https://push.example", "sub": "mailto:a@site.example"}
    assert Vapid02(private).sign(claims)["Authorization"].endswith(f",k={key}")


def test_a_key_that_cannot_be_read_is_an_error_and_not_no_key(
    app: flask.Flask, patient: Person, tmp_path: Path
) -> None:
    with_key(app, tmp_path / "absent.pem")
    answer = patient.get("/push-key")
    assert answer.status_code == 500
    assert "absent" not in answer.text


def test_a_phone_sets_its_reminder_time_alone(
    patient: Person, stub: WebPushStub, database: Stored
) -> None:
    def choose(time: str | None) -> dict[str, Any]:
        answer = patient.call("PUT", "/device/reminder-time", json={"reminder_time": time})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    chosen = choose("19:30")
    assert (chosen["reminder_time"], chosen["push_kind"]) == ("19:30", None)
    body = {"kind": "webpush", "value": stub.subscribe("patient"), "reminder_time": "19:30"}
    assert patient.call("PUT", "/device/push-address", json=body).status_code == 200
    for time in ("07:00", None):
        assert choose(time)["reminder_time"] == time
        stored = database["devices"].find_one({"push_value": body["value"]})
        assert stored is not None
        assert (stored["push_kind"], stored.get("reminder_time")) == ("webpush", time)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/reminder_time"),
        ({"reminder_time": "24:00"}, "/reminder_time"),
        ({"reminder_time": "19:30\n"}, "/reminder_time"),
        ({"reminder_time": ""}, "/reminder_time"),
        ({"reminder_time": "19:30", "kind": "fid"}, "/kind"),
    ],
)
def test_a_bad_reminder_time_is_refused(
    patient: Person, body: dict[str, str], pointer: str, database: Stored
) -> None:
    answer = patient.call("PUT", "/device/reminder-time", json=body)
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.get_json()["errors"]} == {pointer}
    assert database["devices"].count_documents({"reminder_time": {"$exists": True}}) == 0


def test_the_allow_list_is_a_setting(settings: dict[str, str]) -> None:
    assert Config.from_env(settings).webpush_hosts == PUSH_SERVICES
    given = {**settings, "WEBPUSH_HOSTS": "Push.example.org, *.example.net,127.0.0.1:8123"}
    hosts = ("push.example.org", "*.example.net", "127.0.0.1:8123")
    assert Config.from_env(given).webpush_hosts == hosts
    for wrong in ("*", "push.example.org,", "https://push.example.org", "10.0.0.1:80"):
        with pytest.raises(ConfigurationError, match="WEBPUSH_HOSTS"):
            Config.from_env({**settings, "WEBPUSH_HOSTS": wrong})
