"""The e-mail channel: SMTP with TLS, one message per connection."""

import datetime as dt
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar, Literal

from notifications.base import Address, AddressKind, Message, Outcome, is_served

Tls = Literal["starttls", "tls", "none"]

_PERMANENT = 500
# RFC 5321 4.2.3: mailbox unavailable, user not local, mailbox name not allowed.
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})


class EmailChannel:
    """Hands messages to one SMTP server; `timeout` in seconds per network step."""

    name: ClassVar[str] = "email"
    kinds: ClassVar[frozenset[AddressKind]] = frozenset({"email"})

    def __init__(  # noqa: PLR0913 - all by keyword, one per setting of a mail server
        self,
        *,
        host: str,
        port: int,
        sender: str,
        user: str | None,
        password: str | None,
        tls: Tls,
        ca_file: Path | None,
        clock: Callable[[], dt.datetime],
        timeout: float = 20.0,
    ) -> None:
        self._host = host
        self._port = port
        # Checked as an address, for it goes into a header too.
        self._sender = Address("email", sender).value
        self._user = user
        self._password = password
        self._tls = tls
        self._context = ssl.create_default_context(cafile=ca_file)
        self._clock = clock
        self._timeout = timeout

    def send(self, address: Address, message: Message) -> Outcome:
        """Connect, hand over, leave; before the envelope is sent a fault means: surely not taken."""
        if refusal := is_served(self, address):
            return refusal
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._connect()
            self._greet(smtp)
        except smtplib.SMTPResponseException as error:
            _leave(smtp)
            return _by_code(error.smtp_code)
        except smtplib.SMTPNotSupportedError:
            # Never fall back to plain text or to no login when the settings ask for it.
            _leave(smtp)
            return Outcome("rejected", "the mail server lacks TLS or login")
        except ssl.SSLCertVerificationError:
            _leave(smtp)
            return Outcome("rejected", "the mail server certificate is not trusted")
        except (smtplib.SMTPException, OSError):
            _leave(smtp)
            return Outcome("retry", "the mail server is not reachable")
        outcome = self._hand_over(smtp, address, message)
        _leave(smtp)
        return outcome

    def close(self) -> None:
        """Do nothing: no connection outlives a message."""

    def _connect(self) -> smtplib.SMTP:
        if self._tls == "tls":
            return smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=self._context
            )
        return smtplib.SMTP(self._host, self._port, timeout=self._timeout)

    def _greet(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._tls == "starttls":
            smtp.starttls(context=self._context)
            smtp.ehlo_or_helo_if_needed()
        if self._user is not None and self._password is not None:
            smtp.login(self._user, self._password)

    def _hand_over(self, smtp: smtplib.SMTP, address: Address, message: Message) -> Outcome:
        try:
            smtp.sendmail(self._sender, [address.value], self._compose(address, message).as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            return _by_refusal(*error.recipients[address.value])
        except smtplib.SMTPResponseException as error:
            return _by_code(error.smtp_code)
        except (smtplib.SMTPException, OSError):
            return Outcome("unknown", "the mail server went away")
        return Outcome("accepted", "250")

    def _compose(self, address: Address, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"] = self._sender
        mail["To"] = address.value
        mail["Subject"] = message.title
        mail["Date"] = format_datetime(self._clock())
        # The same for a repeat, so that a mail client can show it once.
        domain = self._sender.partition("@")[2]
        data = message.data
        mail["Message-ID"] = f"<{data['t']}.{data['id']}.{data['v']}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        # Plain ASCII on the wire: not every relay takes 8 bits.
        mail.set_content(f"{message.body}\n\n{data['id']}\n", cte="quoted-printable")
        return mail


def _by_refusal(code: int, reply: bytes) -> Outcome:
    # RFC 3463: 5.1.x is about the address; another 5.x.x (policy, relaying) is not its fault.
    enhanced = reply.split(b" ", 1)[0]
    about_address = enhanced.startswith(b"5.1.") or not enhanced.startswith(b"5.")
    if code in _NO_SUCH_MAILBOX and about_address:
        return Outcome("dead_address", f"SMTP {code}")
    return _by_code(code)


def _by_code(code: int) -> Outcome:
    # -1 is smtplib's word for an answer that is none.
    return Outcome("rejected" if code >= _PERMANENT else "retry", f"SMTP {code}")


def _leave(smtp: smtplib.SMTP | None) -> None:
    """Say QUIT if the server still listens: its answer changes nothing about what was taken."""
    if smtp is None:
        return
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        smtp.close()
