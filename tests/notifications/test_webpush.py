"""Web Push beyond the contract: what is sent, where it goes, and that only its browser reads it."""

import base64
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from notifications import (
    Address,
    ChannelSettings,
    ChannelSettingsError,
    Message,
    build_channels,
    neutral,
)
from notifications.webpush import WebPushChannel, topic
from tests.notifications.rigs import TIMEOUT, now, webpush_channel
from tests.stubs.faults import DEAD, UNAVAILABLE
from tests.stubs.vapid import CONTACT, write_key
from tests.stubs.webpush import REDIRECT, TOO_LARGE, WebPushStub, decrypted, raw

ID = "6b1f8f6e-3c1d-4b58-9a5e-0f5c1d2e3a4b"
OTHER = "f2e1d0c9-8b7a-4695-8c3d-2e1f0a9b8c7d"


@pytest.fixture
def message() -> Message:
    return neutral("alert", "en", id_=ID, revision=2, tier="emergency", collapse_key=ID)


@pytest.fixture
def stub() -> Iterator[WebPushStub]:
    with WebPushStub() as running:
        yield running


@pytest.fixture
def channel(stub: WebPushStub) -> Iterator[WebPushChannel]:
    with webpush_channel(stub) as built:
        yield built


@pytest.fixture
def browser(stub: WebPushStub) -> Address:
    return Address("webpush", stub.subscribe("nurse"))


def test_the_page_reads_the_neutral_message_and_nothing_more(
    channel: WebPushChannel, stub: WebPushStub, browser: Address, message: Message
) -> None:
    outcome = channel.send(browser, message)
    channel.close()
    assert (outcome.kind, outcome.detail) == ("accepted", "HTTP 201")
    (pushed,) = stub.messages
    assert pushed.name == "nurse"
    assert pushed.json == {
        "title": message.title,
        "body": message.body,
        "data": {"t": "alert", "id": ID, "v": "2"},
        "collapse_key": ID,
        "tier": "emergency",
    }


def test_the_push_service_reads_nothing(
    channel: WebPushChannel, stub: WebPushStub, browser: Address, message: Message
) -> None:
    channel.send(browser, message)
    (sent,) = stub.received
    for private in (message.title, message.body, ID):
        assert private not in sent.body
        assert private not in str(sent.headers)


def test_the_stub_reads_what_the_standard_says() -> None:
    """RFC 8291, appendix A: so that library and stub do not merely agree with each other."""
    body = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY"
        "WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS"
        "gSxsj_Qulcy4a-fN"
    )
    number = int.from_bytes(raw("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
    private = ec.derive_private_key(number, ec.SECP256R1())
    assert decrypted(raw(body), private, raw("BTBZMqHH6r4Tts7J_aSIgg")) == (
        b"When I grow up, I want to be a watermelon"
    )


@pytest.mark.parametrize(
    ("tier", "urgency"),
    [("emergency", "high"), ("urgent", "high"), ("same_day", "high"), ("routine", "normal")],
)
def test_urgency_is_by_tier(
    channel: WebPushChannel, stub: WebPushStub, browser: Address, tier: str, urgency: str
) -> None:
    channel.send(
        browser,
        neutral("diary_reminder", "zh-CN", id_=ID, revision=0, tier=tier, collapse_key=ID),
    )
    (sent,) = stub.received
    assert (sent.headers["urgency"], sent.headers["ttl"]) == (urgency, "86400")


def test_a_repeat_replaces_the_first_and_no_other(
    channel: WebPushChannel, stub: WebPushStub, browser: Address
) -> None:
    for revision, key in ((0, ID), (1, ID), (1, OTHER)):
        channel.send(
            browser,
            neutral("alert", "en", id_=ID, revision=revision, tier="urgent", collapse_key=key),
        )
    first, repeat, other = (one.headers["topic"] for one in stub.received)
    assert first == repeat != other
    assert (first, len(first)) == (topic(ID), 32)
    assert base64.urlsafe_b64decode(first)


def test_redirect_is_not_followed(
    channel: WebPushChannel, stub: WebPushStub, browser: Address, message: Message
) -> None:
    stub.faults.plan(REDIRECT)
    outcome = channel.send(browser, message)
    assert (outcome.kind, outcome.detail) == ("rejected", "HTTP 307")
    assert (len(stub.received), stub.messages) == (1, [])


def test_wait_is_the_one_that_the_service_asks_for(
    channel: WebPushChannel, stub: WebPushStub, browser: Address, message: Message
) -> None:
    stub.faults.plan(UNAVAILABLE)
    stub.retry_after = "120"
    outcome = channel.send(browser, message)
    assert (outcome.kind, outcome.detail, outcome.retry_after) == ("retry", "HTTP 503", 120.0)


def test_another_refusal_is_final(
    channel: WebPushChannel, stub: WebPushStub, browser: Address, message: Message
) -> None:
    stub.faults.plan(TOO_LARGE)
    assert channel.send(browser, message).detail == "HTTP 413"
    assert channel.send(browser, message).kind == "rejected"


def test_a_browser_that_never_was_or_left_is_a_dead_address(
    channel: WebPushChannel, stub: WebPushStub, message: Message
) -> None:
    left, stays = (Address("webpush", stub.subscribe(name)) for name in ("left", "stays"))
    stub.faults.plan(DEAD, recipient="left")
    unknown = Address("webpush", left.value.replace("/push/left", "/push/unknown"))
    found = [channel.send(one, message) for one in (left, unknown, stays)]
    assert [one.kind for one in found] == ["dead_address", "dead_address", "accepted"]
    assert [one.detail for one in found] == ["HTTP 410", "HTTP 404", "HTTP 201"]


def test_a_key_that_the_browser_did_not_subscribe_with_is_rejected(
    channel: WebPushChannel, stub: WebPushStub, message: Message
) -> None:
    address = Address("webpush", stub.subscribe("nurse", server_key="B" * 87))
    outcome = channel.send(address, message)
    assert (outcome.kind, outcome.detail) == ("rejected", "HTTP 403")


def test_the_service_sees_a_token_for_itself_that_runs_out(
    stub: WebPushStub, browser: Address, message: Message, tmp_path: Path
) -> None:
    """A clock that is two days slow or fast signs what no service takes."""
    for days in (-2, 2):
        channel = WebPushChannel(
            key_file=write_key(tmp_path),
            contact=CONTACT,
            hosts=(stub.host,),
            clock=lambda days=days: now() + dt.timedelta(days=days),  # type: ignore[misc]
            timeout=TIMEOUT,
        )
        assert channel.send(browser, message).detail == "HTTP 403"


@pytest.mark.parametrize(
    "value",
    [
        "{}",
        '{"endpoint":"http://127.0.0.1:1/push/nurse"}',
        "{not-json",
    ],
)
def test_what_is_no_subscription_is_rejected(
    channel: WebPushChannel, stub: WebPushStub, message: Message, value: str
) -> None:
    outcome = channel.send(Address("webpush", value), message)
    assert (outcome.kind, outcome.detail) == ("rejected", "no subscription of an allowed service")
    assert stub.received == []


def test_a_host_that_is_not_allowed_any_more_is_rejected(
    stub: WebPushStub, browser: Address, message: Message, tmp_path: Path
) -> None:
    channel = WebPushChannel(
        key_file=write_key(tmp_path), contact=CONTACT, hosts=("push.example",), clock=now
    )
    assert channel.send(browser, message).kind == "rejected"
    assert stub.received == []


def build(file: Path, contact: str | None = CONTACT) -> set[str]:
    settings = ChannelSettings(
        webpush_key_file=file, webpush_contact=contact, webpush_hosts=("push.example",)
    )
    return set(build_channels(settings, clock=now))


def test_it_is_built_from_key_and_contact(tmp_path: Path) -> None:
    file = write_key(tmp_path)
    assert "webpush" in build(file)
    assert "webpush" in build(file, "https://trial.example/contact")
    for contact in (None, "", "trial@site.example", "http://trial.example"):
        with pytest.raises(ChannelSettingsError, match="contact"):
            build(file, contact)


def test_another_key_stops_the_start_and_is_not_quoted(tmp_path: Path) -> None:
    absent, text, secret = (tmp_path / name for name in ("absent", "text", "secret"))
    text.write_text("no key", encoding="ascii")
    secret.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")
        )
    )
    other = tmp_path / "rsa"
    other.write_bytes(
        rsa.generate_private_key(65537, 2048).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    for file in (absent, text, secret, other, write_key(tmp_path, ec.SECP384R1())):
        with pytest.raises(ChannelSettingsError, match="P-256 private key in PEM"):
            build(file)
    assert not absent.exists()
