"""A mail server (aiosmtpd) with faults: `python -m tests.stubs.smtp --port N`."""

import argparse
import asyncio
import json
import socket
import ssl
import sys
import time
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.stubs.faults import CUT, DEAD, ERROR, HANG, OK, QUOTA, UNAVAILABLE, Faults

POLICY = "policy"
DATA_REFUSED = "data_refused"
USER, PASSWORD = "mailer", "mailer-password"

_AT_RECIPIENT = {
    DEAD: "550 5.1.1 No such user here",
    QUOTA: "450 4.7.1 Try again later",
    ERROR: "451 4.3.0 Local error in processing",
    UNAVAILABLE: "421 4.3.2 Service not available",
    POLICY: "550 5.7.1 Relaying denied",
}


@dataclass(frozen=True)
class Mail:
    """One mail as it came in; `answer` is the fault or `ok`."""

    at: float
    recipients: list[str]
    content: str
    tls: bool
    user: str | None
    answer: str


@dataclass
class _Handler:
    faults: Faults
    received: list[Mail] = field(default_factory=list)
    hang_seconds: float = 30.0
    _planned: dict[int, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name and arguments
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        fault = self.faults.take(address)
        self._planned[id(session)] = fault
        if fault in _AT_RECIPIENT:
            return _AT_RECIPIENT[fault]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        fault = self._planned.pop(id(session), OK)
        content = envelope.content
        text = content.decode() if isinstance(content, bytes) else content or ""
        user = session.auth_data.login.decode() if session.auth_data else None
        transport = server.transport
        assert isinstance(transport, asyncio.Transport)
        tls = transport.get_extra_info("sslcontext") is not None
        self.received.append(Mail(time.time(), envelope.rcpt_tos, text, tls, user, fault))
        if fault == HANG:
            await asyncio.sleep(self.hang_seconds)
        if fault == CUT:
            transport.abort()
        if fault == DATA_REFUSED:
            return "554 5.6.0 Message refused"
        return "250 OK"


def _check(
    _server: SMTP,
    _session: Session,
    _envelope: Envelope,
    _mechanism: str,
    auth_data: Any,  # noqa: ANN401
) -> AuthResult:
    expected = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=auth_data == expected, auth_data=auth_data, handled=False)


class SmtpStub:
    """A mail server on a loopback port; `tls` is `none`, `starttls` (required) or `tls`."""

    def __init__(
        self, port: int = 0, *, tls: str = "none", context: ssl.SSLContext | None = None
    ) -> None:
        self.faults = Faults()
        self._handler = _Handler(self.faults)
        self._controller = Controller(
            self._handler,
            hostname="127.0.0.1",
            port=port or _free_port(),
            ssl_context=context if tls == "tls" else None,
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            # aiosmtpd does not see that a connection was TLS from the start.
            auth_require_tls=tls != "tls",
            authenticator=_check,
        )

    @property
    def port(self) -> int:
        """Give the port that it listens on."""
        return int(self._controller.port)

    @property
    def received(self) -> list[Mail]:
        """Give every mail so far, oldest first."""
        return list(self._handler.received)

    def reset(self) -> None:
        """Forget every mail and every planned fault."""
        self.faults.clear()
        self._handler.received.clear()

    def __enter__(self) -> Self:
        """Start."""
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Run as a process: prints the port, then each mail as one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    with SmtpStub(parser.parse_args().port) as stub:
        sys.stdout.write(f"127.0.0.1:{stub.port}\n")
        shown = 0
        while True:
            for mail in stub.received[shown:]:
                sys.stdout.write(json.dumps(asdict(mail)) + "\n")
                shown += 1
            sys.stdout.flush()
            time.sleep(0.2)


if __name__ == "__main__":
    main()
