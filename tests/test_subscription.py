"""A push subscription: what is read, what is refused, and that nothing leads past the allow-list."""

import json
from typing import Any

import pytest

from backend.subscription import (
    PUSH_SERVICES,
    BadSubscriptionError,
    is_push_service,
    read_subscription,
)
from tests.stubs.webpush import WebPushStub

# The example of RFC 8291, appendix A.
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc:APA91b-_x"


def written(**changes: Any) -> str:  # noqa: ANN401 - whatever a client may send
    given = {"endpoint": ENDPOINT, "keys": {"p256dh": P256DH, "auth": AUTH}, **changes}
    return json.dumps(given, separators=(",", ":"))


def test_the_same_browser_is_the_same_text() -> None:
    """Whatever the order of its keys, and with what browsers add."""
    plain = read_subscription(written(), PUSH_SERVICES).text()
    turned = json.dumps(
        {"expirationTime": None, "keys": {"auth": AUTH, "p256dh": P256DH}, "endpoint": ENDPOINT},
        separators=(",", ":"),
    )
    assert read_subscription(turned, PUSH_SERVICES).text() == plain == written()
    assert P256DH not in repr(read_subscription(plain, PUSH_SERVICES))


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        (ENDPOINT, "https://fcm.googleapis.com"),
        ("https://updates.push.services.mozilla.com/wpush/v2/gAAA", None),
        ("https://web.push.apple.com/QGg", "https://web.push.apple.com"),
        ("https://wns2-par02p.notify.windows.com/w/?token=BQYA%2fb", None),
    ],
)
def test_the_services_of_the_common_browsers_are_allowed(endpoint: str, origin: str | None) -> None:
    found = read_subscription(written(endpoint=endpoint), PUSH_SERVICES)
    assert found.endpoint == endpoint
    assert origin in (None, found.origin)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com/",
        "https://fcm.googleapis.com@evil.example/x",
        "https://evil.example\\@fcm.googleapis.com/x",
        "https://evil.example#@fcm.googleapis.com/x",
        "https://FCM.googleapis.com/x",
        "https://fcm.googleapis.com./x",
        "https://fcm.googleapis.com",
        "https://push.apple.com/x",
        "https://evilpush.apple.com/x",
        "https://.push.apple.com/x#f",
        "https://127.0.0.1:8000/x",
        "http://127.0.0.1:8000/x",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "file:///etc/passwd",
        "",
        None,
        7,
    ],
)
def test_nothing_else_is(endpoint: object) -> None:
    with pytest.raises(BadSubscriptionError, match="push service"):
        read_subscription(written(endpoint=endpoint), PUSH_SERVICES)


def test_plain_http_is_for_the_loopback_port_that_is_named() -> None:
    hosts = ("127.0.0.1:8123", "localhost:8124", "*.push.apple.com")
    for endpoint in ("http://127.0.0.1:8123/push/1", "http://localhost:8124/push/1"):
        assert read_subscription(written(endpoint=endpoint), hosts).endpoint == endpoint
    for endpoint in (
        "http://127.0.0.1:8124/x",
        "http://127.0.0.1/x",
        "https://127.0.0.1:8123/x",
        "http://web.push.apple.com/x",
    ):
        with pytest.raises(BadSubscriptionError, match="push service"):
            read_subscription(written(endpoint=endpoint), hosts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "installation-1",
        "[]",
        "{}",
        "null",
        written()[:-1],
        written().replace(",", ", "),
        written().replace("abc", "ä"),
        written(note="x"),
        written(keys={"p256dh": P256DH}),
        written(keys=None),
        written(keys={"p256dh": P256DH, "auth": AUTH, "more": "x"}),
        written(keys={"p256dh": P256DH, "auth": f"{AUTH}A"}),
        written(keys={"p256dh": P256DH, "auth": 7}),
        written(keys={"p256dh": f"{P256DH}=", "auth": AUTH}),
        written(keys={"p256dh": None, "auth": AUTH}),
        # Well formed, but no point of the curve.
        written(keys={"p256dh": f"{P256DH[:40]}AAAA{P256DH[44:]}", "auth": AUTH}),
        written(endpoint=f"{ENDPOINT}{'a' * 4096}"),
        "[" * 4000,
    ],
)
def test_what_is_no_subscription_is_refused(text: str) -> None:
    with pytest.raises(BadSubscriptionError):
        read_subscription(text, PUSH_SERVICES)


@pytest.mark.parametrize("entry", [*PUSH_SERVICES, "127.0.0.1:80", "localhost:8000", "a.example"])
def test_entries_of_the_allow_list(entry: str) -> None:
    assert is_push_service(entry)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "*",
        "*.",
        "*.com",
        "https://a.example",
        "a.example:8443",
        "a.*",
        "10.0.0.1",
        "10.0.0.1:80",
    ],
)
def test_entries_that_would_open_too_much(entry: str) -> None:
    assert not is_push_service(entry)


def test_a_subscription_of_the_stub_is_one() -> None:
    stub = WebPushStub()
    text = stub.subscribe("browser")
    assert read_subscription(text, (stub.host,)).text() == text
    stub._server.server_close()  # noqa: SLF001 - it never ran
