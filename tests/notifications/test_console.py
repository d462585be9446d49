"""The console line: what the demo shows."""

import datetime as dt

import pytest

from notifications import Address, neutral
from notifications.console import ConsoleChannel

ID = "6b1f8f6e-3c1d-4b58-9a5e-0f5c1d2e3a4b"


def test_one_line_per_message_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    at = dt.datetime(2026, 11, 1, 20, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    channel = ConsoleChannel(clock=lambda: at)
    message = neutral("alert", "en", id_=ID, revision=2, tier="urgent", collapse_key=ID)
    assert channel.send(Address("console", "staff-1"), message).kind == "accepted"
    channel.close()
    expected = f"2026-11-01T12:00:00.000+00:00 push urgent alert {ID} v2 to staff-1\n"
    assert capsys.readouterr().out == expected
