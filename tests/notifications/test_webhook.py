"""The webhook beyond the contract: what is signed, and that it goes nowhere else."""

from collections.abc import Iterator

import pytest

from notifications import Address, Message, neutral
from notifications.webhook import WebhookChannel, sign
from tests.notifications.rigs import LOCAL, TIMEOUT, now
from tests.stubs.faults import DEAD
from tests.stubs.webhook import REDIRECT, SECRET, WebhookStub

ID = "6b1f8f6e-3c1d-4b58-9a5e-0f5c1d2e3a4b"


@pytest.fixture
def message() -> Message:
    return neutral("alert", "en", id_=ID, revision=2, tier="emergency", collapse_key=ID)


@pytest.fixture
def stub() -> Iterator[WebhookStub]:
    with WebhookStub() as running:
        yield running


def webhook(stub: WebhookStub, secret: str = SECRET) -> WebhookChannel:
    return WebhookChannel(
        url=f"{stub.url}/pager/1", secret=secret, clock=now, timeout=TIMEOUT, private_hosts=LOCAL
    )


def test_body_is_the_neutral_message(stub: WebhookStub, message: Message) -> None:
    channel = webhook(stub)
    outcome = channel.send(Address("url", f"{stub.url}/pager/2"), message)
    channel.close()
    assert (outcome.kind, outcome.detail) == ("accepted", "HTTP 202")
    (sent,) = stub.received
    assert sent.path == "/pager/2"
    assert sent.json == {
        "title": message.title,
        "body": message.body,
        "data": {"t": "alert", "id": ID, "v": "2"},
        "collapse_key": ID,
        "tier": "emergency",
    }


def test_signature_is_a_known_one() -> None:
    """RFC 4231 has no case with our separator: computed with `openssl dgst -sha256 -hmac key`."""
    expected = "a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03"
    assert sign(b"key", "1700000000", b'{"a":1}') == expected


def test_wrong_secret_is_rejected(stub: WebhookStub, message: Message) -> None:
    outcome = webhook(stub, "another").send(Address("url", f"{stub.url}/pager/1"), message)
    assert (outcome.kind, outcome.detail) == ("rejected", "HTTP 401")


def test_redirect_is_not_followed(stub: WebhookStub, message: Message) -> None:
    stub.faults.plan(REDIRECT)
    outcome = webhook(stub).send(Address("url", f"{stub.url}/pager/1"), message)
    assert (outcome.kind, outcome.detail) == ("rejected", "HTTP 302")
    assert len(stub.received) == 1


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:1/x", "https://127.0.0.1:{port}/x"])
def test_address_beside_the_gateway_is_rejected(
    stub: WebhookStub, message: Message, elsewhere: str
) -> None:
    address = Address("url", elsewhere.format(port=stub.port))
    assert webhook(stub).send(address, message).detail == "not the configured gateway"
    assert stub.received == []


def test_fault_of_one_recipient_leaves_the_other_alone(stub: WebhookStub, message: Message) -> None:
    stub.faults.plan(DEAD, recipient="/pager/1")
    channel = webhook(stub)
    assert channel.send(Address("url", f"{stub.url}/pager/1"), message).kind == "dead_address"
    assert channel.send(Address("url", f"{stub.url}/pager/2"), message).kind == "accepted"


@pytest.mark.parametrize("url", ["http://gateway.example/hook", "https:///hook"])
def test_gateway_must_be_https(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        WebhookChannel(url=url, secret=SECRET, clock=now)
