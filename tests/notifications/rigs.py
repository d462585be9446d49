"""A rig per channel: the channel, a local service it talks to, and how to make that service fail."""

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from firebase_admin import messaging

from notifications import Address, Channel
from notifications.console import ConsoleChannel
from notifications.email import EmailChannel
from notifications.fcm import FcmChannel
from notifications.webhook import WebhookChannel
from notifications.webpush import WebPushChannel
from tests.stubs.faults import CUT, DEAD, ERROR, HANG, QUOTA, UNAVAILABLE
from tests.stubs.fcm import FcmStub
from tests.stubs.smtp import SmtpStub
from tests.stubs.vapid import CONTACT, write_key
from tests.stubs.webhook import SECRET, WebhookStub
from tests.stubs.webpush import WebPushStub

# Longer than any stub needs to answer, short enough to wait for when it hangs.
TIMEOUT = 1.5
# Where the stubs are.
LOCAL = ("127.0.0.1",)


def now() -> dt.datetime:
    """Give the time: a gateway checks it."""
    return dt.datetime.now(tz=dt.UTC)


@dataclass(frozen=True)
class Rig:
    """One channel with its service."""

    channel: Channel
    address: Address
    plan: Callable[[str], None]
    # What arrived, decoded: one text per message.
    received: Callable[[], list[str]]
    # The wait that the service asks for after `quota`: at least, at most; None where it cannot say.
    quota_wait: tuple[float, float] | None = None


# A console has no service behind it that could refuse: it is there, or it is closed.
IMPOSSIBLE = {"console": frozenset({DEAD, QUOTA, ERROR, UNAVAILABLE, HANG})}


@contextmanager
def console() -> Iterator[Rig]:
    """Give the console, whose only fault is to be closed."""
    stream = io.StringIO()
    lines: list[str] = []

    def plan(fault: str) -> None:
        if fault == CUT:
            stream.close()

    def received() -> list[str]:
        if not stream.closed:
            lines[:] = stream.getvalue().splitlines()
        return lines

    channel = ConsoleChannel(clock=now, stream=lambda: stream)
    yield Rig(channel, Address("console", "staff-1"), plan, received)


@contextmanager
def fcm() -> Iterator[Rig]:
    """Give FCM with the real SDK; only its URL is another."""
    with FcmStub() as stub, fcm_channel(stub) as channel:

        def received() -> list[str]:
            return [json.dumps(one.json, ensure_ascii=False) for one in stub.received]

        address = Address("fid", "fid-of-device-1")
        yield Rig(channel, address, stub.faults.plan, received, quota_wait=(0.0, 1.0))


@contextmanager
def fcm_channel(
    stub: FcmStub,
    *,
    deadline: float = 20.0,
    in_flight: int = 16,
    clock: Callable[[], dt.datetime] = now,
    **credentials: str,
) -> Iterator[Channel]:
    """Give a channel whose SDK talks to the stub.

    google-auth also looks up a service account's regions at Google in the background: the proxy,
    a closed port of this machine, keeps that from leaving.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messaging._MessagingService, "FCM_URL", stub.send_url)  # noqa: SLF001 - the only hook
        patch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        channel = FcmChannel(
            {**stub.credentials(), **credentials},
            clock=clock,
            timeout=TIMEOUT,
            deadline=deadline,
            in_flight=in_flight,
        )
        yield channel
        channel.close()


@contextmanager
def email() -> Iterator[Rig]:
    """Give a mail server without TLS; TLS has tests of its own."""
    with SmtpStub() as stub:
        channel = EmailChannel(
            host="127.0.0.1",
            port=stub.port,
            sender="alerts@trial.example",
            user=None,
            password=None,
            tls="none",
            ca_file=None,
            clock=now,
            timeout=TIMEOUT,
        )

        def received() -> list[str]:
            return [f"{mail.recipients}{readable(mail.content)}" for mail in stub.received]

        address = Address("email", "nurse@site.example")
        yield Rig(channel, address, stub.faults.plan, received)


@contextmanager
def webhook() -> Iterator[Rig]:
    """Give a gateway that checks the signature."""
    with WebhookStub() as stub:
        url = f"{stub.url}/pager/1"
        channel = WebhookChannel(
            url=url, secret=SECRET, clock=now, timeout=TIMEOUT, private_hosts=LOCAL
        )

        def received() -> list[str]:
            return [
                json.dumps([one.headers, one.json], ensure_ascii=False) for one in stub.received
            ]

        yield Rig(channel, Address("url", url), stub.faults.plan, received, (7.0, 7.0))


@contextmanager
def webpush() -> Iterator[Rig]:
    """Give a push service with one browser behind it."""
    with WebPushStub() as stub, webpush_channel(stub) as channel:

        def received() -> list[str]:
            return [
                json.dumps([one.headers, one.json], ensure_ascii=False) for one in stub.messages
            ]

        address = Address("webpush", stub.subscribe("browser-1"))
        yield Rig(channel, address, stub.faults.plan, received, (7.0, 7.0))


@contextmanager
def webpush_channel(stub: WebPushStub, *hosts: str) -> Iterator[WebPushChannel]:
    """Give a channel with a key of its own that may push to the stub and to further `hosts`."""
    with TemporaryDirectory() as folder:
        yield WebPushChannel(
            key_file=write_key(Path(folder)),
            contact=CONTACT,
            hosts=(stub.host, *hosts),
            clock=now,
            timeout=TIMEOUT,
        )


def readable(content: str) -> str:
    """Give headers and text of a mail as a person reads them, not as they travel."""
    mail = message_from_string(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), mail.get_content()])


RIGS: Mapping[str, Callable[[], AbstractContextManager[Rig]]] = {
    "console": console,
    "fcm": fcm,
    "email": email,
    "webhook": webhook,
    "webpush": webpush,
}
