"""Read HTTP's `Retry-After`: seconds, or a date."""

import datetime as dt
from email.utils import parsedate_to_datetime


def retry_after_seconds(header: str | None, now: dt.datetime) -> float | None:
    """Give the seconds to wait from `now` on, never below 0; None when absent or unreadable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=dt.UTC)
    return max(0.0, (at - now).total_seconds())
