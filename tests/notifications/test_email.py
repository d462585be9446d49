"""E-mail beyond the contract: TLS, login, and refusals that are not the address's fault."""

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from notifications import Address, Message, neutral
from notifications.base import BadAddressError
from notifications.email import EmailChannel
from tests.notifications.rigs import TIMEOUT, now
from tests.stubs.certificate import server_context, write_certificate
from tests.stubs.faults import OK, UNAVAILABLE
from tests.stubs.smtp import DATA_REFUSED, PASSWORD, POLICY, USER, SmtpStub

ID = "6b1f8f6e-3c1d-4b58-9a5e-0f5c1d2e3a4b"
NURSE = Address("email", "nurse@site.example")


def mail_channel(port: int, **changes: Any) -> EmailChannel:  # noqa: ANN401
    settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "sender": "alerts@trial.example",
        "user": None,
        "password": None,
        "tls": "none",
        "ca_file": None,
        "clock": now,
        "timeout": TIMEOUT,
    }
    return EmailChannel(**{**settings, **changes})


@pytest.fixture
def message() -> Message:
    return neutral("alert", "zh", id_=ID, revision=2, tier="urgent", collapse_key=ID)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def stub() -> Iterator[SmtpStub]:
    with SmtpStub() as running:
        yield running


def test_mail_is_the_neutral_text_and_says_that_no_person_wrote_it(
    stub: SmtpStub, message: Message
) -> None:
    assert mail_channel(stub.port).send(NURSE, message).kind == "accepted"
    (received,) = stub.received
    mail = email.message_from_string(received.content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"] == message.title
    assert mail.get_content().split() == [message.body, ID]
    assert mail["To"] == NURSE.value
    assert mail["Auto-Submitted"] == "auto-generated"
    # The same for a repeat, another for the next revision.
    assert mail["Message-ID"] == f"<alert.{ID}.2@trial.example>"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_goes_over_tls_with_login(message: Message, certificate: Path, tls: str) -> None:
    with SmtpStub(tls=tls, context=server_context(certificate)) as stub:
        channel = mail_channel(
            stub.port, tls=tls, ca_file=certificate, user=USER, password=PASSWORD
        )
        assert channel.send(NURSE, message).kind == "accepted"
        (received,) = stub.received
    assert received.tls
    assert received.user == USER
    channel.close()


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_untrusted_certificate_is_rejected(message: Message, certificate: Path, tls: str) -> None:
    with SmtpStub(tls=tls, context=server_context(certificate)) as stub:
        outcome = mail_channel(stub.port, tls=tls).send(NURSE, message)
        assert stub.received == []
    assert outcome.kind == "rejected"
    assert "certificate" in outcome.detail


def test_server_without_tls_gets_nothing_in_clear(stub: SmtpStub, message: Message) -> None:
    outcome = mail_channel(stub.port, tls="starttls").send(NURSE, message)
    assert outcome.kind == "rejected"
    assert stub.received == []


def test_wrong_password_is_rejected(message: Message, certificate: Path) -> None:
    with SmtpStub(tls="starttls", context=server_context(certificate)) as stub:
        channel = mail_channel(
            stub.port, tls="starttls", ca_file=certificate, user=USER, password="wrong"
        )
        outcome = channel.send(NURSE, message)
    assert (outcome.kind, outcome.detail) == ("rejected", "SMTP 535")


def test_server_that_is_down_is_tried_again_later(message: Message) -> None:
    with SmtpStub() as stub:
        port = stub.port
    assert mail_channel(port).send(NURSE, message).kind == "retry"


def test_policy_refusal_does_not_kill_the_address(stub: SmtpStub, message: Message) -> None:
    stub.faults.plan(POLICY)
    outcome = mail_channel(stub.port).send(NURSE, message)
    assert (outcome.kind, outcome.detail) == ("rejected", "SMTP 550")


def test_refused_content_is_rejected(stub: SmtpStub, message: Message) -> None:
    stub.faults.plan(DATA_REFUSED)
    assert mail_channel(stub.port).send(NURSE, message).kind == "rejected"


def test_unavailable_only_once_is_accepted_the_second_time(
    stub: SmtpStub, message: Message
) -> None:
    stub.faults.plan(UNAVAILABLE, times=1)
    channel = mail_channel(stub.port)
    assert channel.send(NURSE, message).kind == "retry"
    assert channel.send(NURSE, message).kind == "accepted"


def test_sender_must_be_an_address() -> None:
    with pytest.raises(BadAddressError):
        mail_channel(25, sender="Trial <alerts@trial.example>\nBcc: all@world.example")


@contextmanager
def speaking(*lines: bytes) -> Iterator[int]:
    """Give the port of a server that says its lines, one per request, and then falls silent."""
    import threading  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            peer, _ = server.accept()
            with peer:
                peer.settimeout(5)
                for line in lines:
                    peer.sendall(line)
                    peer.recv(65536)

        thread = threading.Thread(target=speak)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join()


def test_goodbye_that_is_not_answered_changes_nothing(message: Message) -> None:
    """The mail was taken at its 250: a lost QUIT must not send it again."""
    with speaking(
        b"220 here\r\n",
        b"250 hello\r\n",
        b"250 ok\r\n",
        b"250 ok\r\n",
        b"354 go\r\n",
        b"250 ok\r\n",
    ) as port:
        assert mail_channel(port).send(NURSE, message).kind == "accepted"


def test_server_that_is_closing_down_is_tried_again_later(message: Message) -> None:
    with speaking(b"421 closing\r\n") as port:
        outcome = mail_channel(port).send(NURSE, message)
    assert (outcome.kind, outcome.detail) == ("retry", "SMTP 421")


def test_planned_fault_ends(stub: SmtpStub, message: Message) -> None:
    stub.faults.plan(POLICY, recipient="other@site.example")
    assert stub.faults.take("nurse@site.example") == OK
    assert mail_channel(stub.port).send(NURSE, message).kind == "accepted"
