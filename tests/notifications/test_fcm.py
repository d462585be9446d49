"""FCM beyond the contract: each typed error of the real SDK, its payload, its bounds."""

import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifications import (
    Address,
    Channel,
    ChannelSettings,
    Message,
    build_channels,
    neutral,
)
from notifications.base import Tier
from tests.notifications.rigs import fcm_channel, now
from tests.stubs.faults import HANG, OK, QUOTA
from tests.stubs.fcm import (
    INVALID,
    NAMELESS,
    NOT_FOUND,
    ODD_ERROR,
    PROXY_PAGE,
    SENDER,
    THIRD_PARTY,
    FcmStub,
)
from tests.stubs.http import Answer

ID = "6b1f8f6e-3c1d-4b58-9a5e-0f5c1d2e3a4b"
DEVICE = Address("fid", "fid-of-device-1")


def message(tier: Tier = "urgent", kind: str = "alert") -> Message:
    return neutral(kind, "en", id_=ID, revision=2, tier=tier, collapse_key=ID)


@pytest.fixture(scope="module")
def running() -> Iterator[FcmStub]:
    with FcmStub() as stub:
        yield stub


@pytest.fixture
def stub(running: FcmStub) -> FcmStub:
    running.reset()
    return running


@pytest.fixture
def channel(stub: FcmStub) -> Iterator[Channel]:
    with fcm_channel(stub) as built:
        yield built


@pytest.mark.parametrize(
    ("fault", "kind", "detail"),
    [
        (SENDER, "rejected", "SenderIdMismatchError 403"),
        (THIRD_PARTY, "rejected", "ThirdPartyAuthError 401"),
        (INVALID, "rejected", "InvalidArgumentError 400"),
        # A wrong project answers 404 too: only UNREGISTERED may kill a device.
        (NOT_FOUND, "rejected", "NotFoundError 404"),
        (PROXY_PAGE, "retry", "UnknownError 502"),
        (NAMELESS, "unknown", "answer not understood"),
        (ODD_ERROR, "unknown", "answer not understood"),
    ],
)
def test_typed_errors(channel: Channel, stub: FcmStub, fault: str, kind: str, detail: str) -> None:
    stub.faults.plan(fault)
    outcome = channel.send(DEVICE, message())
    assert (outcome.kind, outcome.detail) == (kind, detail)


def test_quota_without_a_time_is_answered_at_once(channel: Channel, stub: FcmStub) -> None:
    stub.retry_after = None
    stub.faults.plan(QUOTA)
    outcome = channel.send(DEVICE, message())
    assert (outcome.kind, outcome.retry_after) == ("retry", None)
    assert len(stub.received) == 1


@pytest.mark.parametrize("address", [DEVICE, Address("token", "token-of-device-2")])
def test_payload_is_the_neutral_text_and_three_identifiers(
    channel: Channel, stub: FcmStub, address: Address
) -> None:
    assert channel.send(address, message()).kind == "accepted"
    (sent,) = stub.received
    assert sent.json == {
        "message": {
            address.kind: address.value,
            "notification": {
                "title": "New alert",
                "body": "A new alert is on your work list. Please open it.",
            },
            "data": {"t": "alert", "id": ID, "v": "2"},
            "android": {
                "collapse_key": ID,
                "priority": "high",
                "notification": {"tag": ID},
            },
            "apns": {
                "headers": {"apns-collapse-id": ID, "apns-priority": "10"},
                "payload": {"aps": {"sound": "default"}},
            },
        }
    }


def test_routine_tier_does_not_ring(channel: Channel, stub: FcmStub) -> None:
    channel.send(DEVICE, message("routine", "diary_reminder"))
    sent = stub.received[0].json["message"]
    assert sent["android"]["priority"] == "normal"
    assert sent["apns"] == {"headers": {"apns-collapse-id": ID, "apns-priority": "5"}}


def test_refused_key_is_rejected_and_nothing_sent(channel: Channel, stub: FcmStub) -> None:
    stub.token_answer = Answer(400, {"error": "invalid_grant"})
    outcome = channel.send(DEVICE, message())
    assert (outcome.kind, outcome.detail) == ("rejected", "RefreshError")
    assert stub.received == []


def test_unreachable_token_endpoint_is_tried_again_later(stub: FcmStub) -> None:
    with FcmStub() as gone:
        pass
    with fcm_channel(stub, token_uri=f"{gone.url}/token") as channel:
        outcome = channel.send(DEVICE, message())
    assert (outcome.kind, outcome.detail) == ("retry", "TransportError")
    assert stub.received == []


def test_deadline_ends_the_wait_for_a_sleeping_sdk(stub: FcmStub) -> None:
    """A `Retry-After` of an hour would hold the worker for four."""
    stub.faults.plan(QUOTA)
    stub.retry_after = lambda: "3600"
    with fcm_channel(stub, deadline=0.5, in_flight=1) as channel:
        start = time.monotonic()
        first = channel.send(DEVICE, message())
        assert (first.kind, first.detail) == ("unknown", "no answer before the deadline")
        # The sleeper keeps its slot, so that an outage cannot fill the process with threads.
        second = channel.send(DEVICE, message())
        assert (second.kind, second.detail) == ("retry", "too many sends in flight")
        assert time.monotonic() - start < 2
    sleeping = [thread for thread in threading.enumerate() if thread.name == "fcm-send"]
    assert all(thread.daemon for thread in sleeping)


def test_slot_is_free_again_after_each_send(stub: FcmStub) -> None:
    with fcm_channel(stub, in_flight=1) as channel:
        stub.faults.plan(HANG, times=2)
        assert channel.send(DEVICE, message()).kind == "unknown"
        stub.faults.plan(OK)
        assert channel.send(DEVICE, message()).kind == "accepted"


def test_unforeseen_error_reaches_the_caller(stub: FcmStub) -> None:
    class BrokenClockError(Exception):
        pass

    def broken() -> dt.datetime:
        raise BrokenClockError

    stub.retry_after = None
    stub.faults.plan(QUOTA)
    with fcm_channel(stub, clock=broken) as channel, pytest.raises(BrokenClockError):
        channel.send(DEVICE, message())


def test_credentials_come_from_a_file_or_as_json(stub: FcmStub, tmp_path: Path) -> None:
    text = json.dumps(stub.credentials())
    file = tmp_path / "key.json"
    file.write_text(text, encoding="utf-8")
    for settings in (
        ChannelSettings(fcm_credentials_file=file),
        ChannelSettings(fcm_credentials_json=text),
    ):
        channels = build_channels(settings, clock=now)
        assert channels["fcm"].name == "fcm"
        channels["fcm"].close()
