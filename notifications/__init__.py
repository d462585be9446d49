"""Channels that carry a message to a device, a mailbox or a console; they know no patient."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from notifications.base import Address, Channel, Message, Outcome, neutral
from notifications.console import ConsoleChannel
from notifications.email import EmailChannel, Tls
from notifications.webhook import WebhookChannel

__all__ = [
    "CHANNELS",
    "Address",
    "Channel",
    "ChannelSettings",
    "Message",
    "Outcome",
    "build_channels",
    "neutral",
]

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What channels need to know; a channel whose settings are absent is not built."""

    fcm_credentials_file: Path | None = None
    fcm_credentials_json: str | None = field(default=None, repr=False)
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: str | None = field(default=None, repr=False)
    smtp_from: str | None = None
    smtp_tls: Tls = "starttls"
    smtp_ca_file: Path | None = None
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    webhook_private_hosts: tuple[str, ...] = ()
    webpush_key_file: Path | None = None
    webpush_contact: str | None = None
    webpush_hosts: tuple[str, ...] = ()


class ChannelSettingsError(Exception):
    """A channel is half configured; the text says what is missing."""


def _console(_settings: ChannelSettings, clock: Clock) -> Channel:
    return ConsoleChannel(clock=clock)


def _fcm(settings: ChannelSettings, clock: Clock) -> Channel | None:
    credential = settings.fcm_credentials_file or settings.fcm_credentials_json
    if credential is None:
        return None
    # 42 MB at import: only where a project is configured.
    from notifications.fcm import FcmChannel  # noqa: PLC0415

    try:
        return FcmChannel(
            json.loads(credential) if isinstance(credential, str) else credential, clock=clock
        )
    except (OSError, ValueError) as error:
        # The cause may quote the key.
        message = "the FCM credentials are not a readable service account key"
        raise ChannelSettingsError(message) from error


def _email(settings: ChannelSettings, clock: Clock) -> Channel | None:
    if settings.smtp_host is None:
        return None
    if settings.smtp_from is None:
        message = "an SMTP server needs a sender address (smtp_from)"
        raise ChannelSettingsError(message)
    if (settings.smtp_user is None) != (settings.smtp_password is None):
        message = "an SMTP login needs both smtp_user and smtp_password"
        raise ChannelSettingsError(message)
    return EmailChannel(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        user=settings.smtp_user,
        password=settings.smtp_password,
        tls=settings.smtp_tls,
        ca_file=settings.smtp_ca_file,
        clock=clock,
    )


def _webhook(settings: ChannelSettings, clock: Clock) -> Channel | None:
    if settings.webhook_url is None:
        return None
    if settings.webhook_secret is None:
        message = "a webhook needs a secret to sign with (webhook_secret)"
        raise ChannelSettingsError(message)
    try:
        return WebhookChannel(
            url=settings.webhook_url,
            secret=settings.webhook_secret,
            private_hosts=settings.webhook_private_hosts,
            clock=clock,
        )
    except ValueError as error:
        # No text of it holds the URL, which may be a secret in itself.
        message = f"webhook_url, webhook_private_hosts: {error}"
        raise ChannelSettingsError(message) from error


def _webpush(settings: ChannelSettings, clock: Clock) -> Channel | None:
    if settings.webpush_key_file is None:
        return None
    if settings.webpush_contact is None:
        message = "push services want to know whom to write to (webpush_contact)"
        raise ChannelSettingsError(message)
    # 0.3 s at import, for an HTTP client that is not used: only where a key is configured.
    from notifications.webpush import WebPushChannel  # noqa: PLC0415

    try:
        return WebPushChannel(
            key_file=settings.webpush_key_file,
            contact=settings.webpush_contact,
            hosts=settings.webpush_hosts,
            clock=clock,
        )
    except (OSError, ValueError) as error:
        message = "webpush needs a P-256 private key in PEM, and a mailto: or https: contact"
        raise ChannelSettingsError(message) from error


CHANNELS: Mapping[str, Callable[[ChannelSettings, Clock], Channel | None]] = {
    "console": _console,
    "fcm": _fcm,
    "email": _email,
    "webhook": _webhook,
    "webpush": _webpush,
}


def build_channels(settings: ChannelSettings, *, clock: Clock) -> Mapping[str, Channel]:
    """Build every channel that is configured, by name; the console is always there.

    Raises:
        ChannelSettingsError: a channel is half configured.
    """
    built = ((name, build(settings, clock)) for name, build in CHANNELS.items())
    return {name: channel for name, channel in built if channel is not None}
