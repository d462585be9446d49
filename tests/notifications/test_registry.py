"""Which channels are built from which settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from notifications import Channel, ChannelSettings, ChannelSettingsError, build_channels
from tests.notifications.rigs import now

SMTP = {"smtp_host": "127.0.0.1", "smtp_from": "alerts@trial.example"}
WEBHOOK = {"webhook_url": "https://gateway.example/hook", "webhook_secret": "s" * 32}


def build(**settings: object) -> dict[str, Channel]:
    return dict(build_channels(ChannelSettings(**settings), clock=now))  # type: ignore[arg-type]


def test_without_settings_there_is_the_console() -> None:
    assert build().keys() == {"console"}


def test_each_configured_channel_is_there() -> None:
    assert build(**SMTP, **WEBHOOK).keys() == {"console", "email", "webhook"}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"smtp_host": "127.0.0.1"}, "smtp_from"),
        ({**SMTP, "smtp_user": "mailer"}, "smtp_password"),
        ({**SMTP, "smtp_password": "secret"}, "smtp_user"),
        ({"webhook_url": "https://gateway.example/hook"}, "webhook_secret"),
        ({"fcm_credentials_json": "{}"}, "service account"),
        ({"fcm_credentials_json": "not json"}, "service account"),
        ({"fcm_credentials_file": Path("absent.json")}, "service account"),
    ],
)
def test_half_a_configuration_stops_the_start(settings: dict[str, object], missing: str) -> None:
    with pytest.raises(ChannelSettingsError, match=missing):
        build(**settings)


def test_secrets_are_not_shown() -> None:
    settings = ChannelSettings(
        fcm_credentials_json="secret-1", smtp_password="secret-2", webhook_secret="secret-3"
    )
    assert "secret" not in repr(settings).replace("_secret", "")


def test_large_libraries_are_not_imported_unless_they_are_used() -> None:
    """Firebase takes 42 MB; pywebpush brings a second HTTP client."""
    code = (
        "import datetime, sys, notifications as n\n"
        "clock = lambda: datetime.datetime.now(datetime.UTC)\n"
        "n.build_channels(n.ChannelSettings(), clock=clock)\n"
        "sys.exit(bool({'firebase_admin', 'pywebpush'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
