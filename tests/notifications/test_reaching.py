"""Where a message may go: public addresses, or what a setting names; never where a name changes to."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.config import Config
from jobs.process import channel_settings
from notifications import Address, ChannelSettings, ChannelSettingsError, build_channels, neutral
from notifications.reaching import AddressNotAllowedError, connect, guarded_opener, may_reach
from notifications.webhook import WebhookChannel
from tests.notifications.rigs import LOCAL, TIMEOUT, now
from tests.stubs.certificate import server_context, write_certificate
from tests.stubs.webhook import SECRET, WebhookStub

ID = "6b1f8f6e-3c1d-4b58-9a5e-0f5c1d2e3a4b"
PUBLIC = ("8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")
PRIVATE = ("10.1.2.3", "172.31.255.255", "192.168.0.1", "fd12:3456::1", "127.0.0.1", "::1")
# In whatever dress, and whatever the settings say.
NEVER = (
    "169.254.169.254",
    "fd00:ec2::254",
    "169.254.1.1",
    "fe80::1",
    "fe80::1%1",
    "0.0.0.0",  # noqa: S104 - not bound
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "100.64.0.1",
    "192.0.2.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
)


@pytest.fixture
def stub() -> Iterator[WebhookStub]:
    with WebhookStub() as running:
        yield running


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_reached(address: str) -> None:
    assert may_reach(address, private=False)


@pytest.mark.parametrize("address", [*PRIVATE, "::ffff:127.0.0.1", "::ffff:10.0.0.1"])
def test_a_private_one_only_where_a_setting_says_so(address: str) -> None:
    assert not may_reach(address, private=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_one_where_a_setting_says_so(address: str) -> None:
    assert may_reach(address, private=True)


@pytest.mark.parametrize("address", NEVER)
def test_some_are_never_reached(address: str) -> None:
    assert not may_reach(address, private=False)
    assert not may_reach(address, private=True)


@pytest.mark.parametrize("address", ["2002:0a00:0001::1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1"])
def test_a_private_one_in_the_dress_of_a_public_one_is_not_reached(address: str) -> None:
    assert not may_reach(address, private=False)


class Names:
    """A name server that says something else each time."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, _host: str, port: int, **_rest: object) -> list[tuple[Any, ...]]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            (
                socket.AF_INET6 if ":" in one else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (one, port),
            )
            for one in answer
        ]


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(stub: WebhookStub) -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    opened = connect("bus.example", stub.port, timeout=TIMEOUT, private=True, look_up=names)
    with opened:
        assert opened.getpeername() == ("127.0.0.1", stub.port)
    assert names.asked == 1


def test_of_several_addresses_only_those_that_may_be_are_tried(stub: WebhookStub) -> None:
    names = Names(["169.254.169.254", "127.0.0.1"])
    with connect("bus.example", stub.port, timeout=TIMEOUT, private=True, look_up=names) as opened:
        assert opened.getpeername() == ("127.0.0.1", stub.port)


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["10.0.0.1", "::1"], ["169.254.169.254"], []])
def test_a_name_that_leads_inside_is_not_followed(stub: WebhookStub, answer: list[str]) -> None:
    with pytest.raises(AddressNotAllowedError):
        connect("evil.example", stub.port, timeout=TIMEOUT, private=False, look_up=Names(answer))


def test_a_message_whose_name_leads_inside_is_rejected_and_not_sent(
    stub: WebhookStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: the real channel, a name server of the attacker's, a service on this machine."""
    monkeypatch.setattr(socket, "getaddrinfo", Names(["127.0.0.1"]))
    url = f"https://gateway.example:{stub.port}/pager/1"
    channel = WebhookChannel(url=url, secret=SECRET, clock=now, timeout=TIMEOUT)
    message = neutral("alert", "en", id_=ID, revision=2, tier="emergency", collapse_key=ID)
    outcome = channel.send(Address("url", url), message)
    assert (outcome.kind, outcome.detail) == ("rejected", "address not allowed")
    assert stub.received == []


def test_no_proxy_of_the_environment_and_no_other_scheme(
    stub: WebhookStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    opener = guarded_opener(LOCAL)
    with opener.open(f"{stub.url}/received", timeout=TIMEOUT) as answer:
        assert answer.status == 200
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x"):
        with pytest.raises(urllib.error.URLError, match="unknown url type"):
            opener.open(urllib.request.Request(url), timeout=TIMEOUT)  # noqa: S310 - must fail


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("http://127.0.0.1:8080/hook", ()),
        ("https://127.0.0.1:8080/hook", ()),
        ("https://10.0.0.1/hook", ("10.0.0.2",)),
        ("http://10.0.0.1/hook", ("10.0.0.1",)),
        ("https://169.254.169.254/latest", ("169.254.169.254",)),
        ("https://[::1]/hook", ()),
        ("http://localhost/hook", ()),
    ],
)
def test_a_gateway_inside_stops_the_start_unless_it_is_named(
    url: str, hosts: tuple[str, ...]
) -> None:
    settings = ChannelSettings(webhook_url=url, webhook_secret=SECRET, webhook_private_hosts=hosts)
    with pytest.raises(ChannelSettingsError, match="webhook_private_hosts"):
        build_channels(settings, clock=now)


def test_the_setting_reaches_the_channel(settings: dict[str, str], stub: WebhookStub) -> None:
    given = {
        **settings,
        "WEBHOOK_URL": f"{stub.url}/pager",
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_PRIVATE_HOSTS": "bus.hospital.example, 127.0.0.1",
    }
    channels = build_channels(channel_settings(Config.from_env(given)), clock=now)
    message = neutral("alert", "en", id_=ID, revision=2, tier="emergency", collapse_key=ID)
    outcome = channels["webhook"].send(Address("url", f"{stub.url}/pager/1"), message)
    assert outcome.kind == "accepted"


def test_over_tls_the_name_is_checked_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = write_certificate(tmp_path)
    server = WebhookStub()
    listening = server._server  # noqa: SLF001 - the stub speaks plain http by itself
    listening.socket = server_context(certificate).wrap_socket(listening.socket, server_side=True)
    with server:
        url = f"https://127.0.0.1:{server.port}/received"
        # Not trusted, trusted, and trusted under another name.
        with pytest.raises(urllib.error.URLError, match="self-signed"):
            guarded_opener(LOCAL).open(url, timeout=TIMEOUT)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with guarded_opener(LOCAL).open(url, timeout=TIMEOUT) as answer:
            assert answer.status == 200
        other = f"https://localhost:{server.port}/received"
        with pytest.raises(urllib.error.URLError, match=r"[Hh]ostname mismatch"):
            guarded_opener(("localhost",)).open(other, timeout=TIMEOUT)
