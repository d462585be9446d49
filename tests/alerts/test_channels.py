"""Which way a message goes: the site's order, two ways for an emergency, the next one in an outage."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import flask
import pytest
from pymongo.database import Database

from jobs.outbox import deliver_due
from jobs.process import Process
from notifications import Address, Message, Outcome
from notifications.base import AddressKind
from tests.alerts.conftest import Send
from tests.conftest import Clock
from tests.people import Person, staff

Stored = Database[dict[str, Any]]
Build = Callable[..., Process]
FCM = {"channel": "fcm", "kind": "fid", "value": "fid-of-the-nurse"}


@dataclass
class Told:
    """A channel by the protocol that answers as told."""

    name: str
    outcome: Outcome
    sent: list[str] = field(default_factory=list)
    kinds: ClassVar[frozenset[AddressKind]] = frozenset({"fid", "token", "email", "url"})

    def send(self, address: Address, message: Message) -> Outcome:
        """Note where it went and give the outcome."""
        assert message.tier
        self.sent.append(address.value)
        return self.outcome

    def close(self) -> None:
        """Hold nothing."""


ACCEPTED = Outcome("accepted", "taken")
OUTAGE = Outcome("retry", "HTTP 503")


def told(fcm: Outcome, email: Outcome = ACCEPTED) -> dict[str, Told]:
    return {
        "fcm": Told("fcm", fcm),
        "email": Told("email", email),
        "webhook": Told("webhook", email),
    }


@pytest.fixture
def carried(nurse: Person) -> None:
    """Let the nurse carry a phone that FCM reaches."""
    answer = nurse.call("PUT", "/staff/me/push-address", json=FCM)
    assert answer.status_code == 200, answer.text


def ways(database: Stored) -> list[tuple[str, str]]:
    found = database["outbox"].find().sort([("created_at", 1), ("channel", 1)])
    return [(entry["channel"], entry["state"]) for entry in found]


@pytest.mark.usefixtures("carried")
def test_an_emergency_goes_two_ways_at_once(
    send: Send, nurse: Person, build: Build, database: Stored
) -> None:
    send(10)
    channels = told(ACCEPTED)
    process = dataclasses.replace(build("one", **channels), gateway="https://gateway.example/sms")
    deliver_due(process)
    # Shanghai's order has the hospital's gateway behind the nurse's own phone.
    assert ways(database) == [("fcm", "accepted"), ("webhook", "accepted")]
    assert channels["webhook"].sent == [f"https://gateway.example/sms/{nurse.id}"]


def test_a_page_is_pushed_in_the_place_of_a_phone(
    send: Send, nurse: Person, build: Build, database: Stored
) -> None:
    page = {"$set": {"channel": "webpush", "push_kind": "webpush", "push_value": "{}"}}
    database["staff"].update_one({"_id": nurse.id}, page)
    send(10)
    channel = Told("webpush", ACCEPTED)
    deliver_due(build("one", **told(ACCEPTED), webpush=channel))
    assert channel.sent == ["{}"]
    # No Firebase for a page: the site's order goes on behind it.
    assert "fcm" not in [name for name, _ in ways(database)]
    assert ("webpush", "accepted") in ways(database)


@pytest.mark.usefixtures("carried")
def test_an_urgent_one_takes_the_next_way_after_two_attempts_and_keeps_the_first(
    send: Send, build: Build, clock: Clock, database: Stored
) -> None:
    send(7)
    process = build("one", **told(OUTAGE))
    deliver_due(process)
    assert ways(database) == [("fcm", "due")]
    clock.now += dt.timedelta(seconds=10)
    deliver_due(process)
    # The gateway has no address here: it is passed by at once, the mail is taken.
    assert ways(database) == [("fcm", "due"), ("email", "accepted"), ("webhook", "dead")]
    clock.now += dt.timedelta(minutes=2)
    deliver_due(process)
    assert [channel for channel, _ in ways(database)].count("email") == 1


@pytest.mark.usefixtures("carried")
def test_a_dead_phone_hands_on_at_once_and_is_shown(
    app: flask.Flask, send: Send, nurse: Person, build: Build, database: Stored
) -> None:
    send(7)
    deliver_due(build("one", **told(Outcome("dead_address", "unregistered"))))
    assert ("fcm", "dead") in ways(database)
    assert ("email", "accepted") in ways(database)
    unreachable = nurse.get("/unreachable").get_json()
    assert {"kind": "staff", "id": nurse.id, "site": "S01"} | {
        "reason": "no push address",
        "since": None,
    } in unreachable
    assert staff(app, "nurse", "S02").get("/unreachable").get_json() == []


def test_patients_without_a_phone_that_rings_are_shown(
    nurse: Person, subject_id: str, send: Send, clock: Clock, database: Stored
) -> None:
    def reasons() -> list[tuple[str, str]]:
        found = nurse.get("/unreachable").get_json()
        return [(one["id"], one["reason"]) for one in found]

    assert reasons() == [(subject_id, "no phone")]
    send(1)
    assert reasons() == [(subject_id, "no push address")]
    dead = {"push_kind": "fid", "push_value": "gone", "push_dead_at": clock.now}
    database["devices"].update_many({}, {"$set": dead})
    assert reasons() == [(subject_id, "push address is dead")]
    database["devices"].update_many({}, {"$unset": {"push_dead_at": ""}})
    assert reasons() == []


def test_a_device_confirms_its_own_messages_once(
    app: flask.Flask, send: Send, nurse: Person, clock: Clock, database: Stored
) -> None:
    send(7)
    (entry,) = database["outbox"].find()
    said = {"id": entry["message"]["id"], "v": entry["message"]["v"], "kind": "opened"}
    other = staff(app, "nurse", "S01")
    assert other.post("/receipts", said).status_code == 204
    assert nurse.post("/receipts", {**said, "v": "9"}).status_code == 204
    (untouched,) = database["outbox"].find()
    assert untouched == entry
    first = clock.now
    assert nurse.post("/receipts", {**said, "kind": "received"}).status_code == 204
    clock.now += dt.timedelta(minutes=1)
    assert nurse.post("/receipts", said).status_code == 204
    clock.now += dt.timedelta(minutes=1)
    assert nurse.post("/receipts", said).status_code == 204
    (confirmed,) = database["outbox"].find()
    assert confirmed["received_at"] == first
    assert confirmed["opened_at"] == first + dt.timedelta(minutes=1)
