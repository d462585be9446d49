"""`Retry-After` comes as seconds or as a date, and sometimes as neither."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.retry_after import retry_after_seconds

NOW = dt.datetime(2026, 11, 1, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Sun, 01 Nov 2026 12:01:00 GMT", 60.0),
        ("Sun, 01 Nov 2026 12:01:00 -0000", 60.0),
        ("Sun, 01 Nov 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("", None),
        ("9" * 400, 86400.0),
        ("Sat, 01 Nov 2126 12:00:00 GMT", 86400.0),
        ("Sun, 01 Nov 2026 12:01:00 +9999", None),
        ("Sun, 01 Nov 2026 12:01:00 +99999999999999999999", None),
    ],
)
def test_both_forms_are_read(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@given(st.one_of(st.text(), st.builds("Sun, 01 Nov 2026 12:{}:00 {}".format, st.text(), st.text())))
def test_no_header_breaks_the_sender(header: str) -> None:
    seconds = retry_after_seconds(header, NOW)
    assert seconds is None or 0 <= seconds <= 86400
