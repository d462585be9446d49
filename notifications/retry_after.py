"""Read HTTP's `Retry-After`: seconds, or a date."""

import datetime as dt
from email.utils import parsedate_to_datetime

# A wrong header must not silence a message for ever.
LONGEST = 24 * 3600.0


def retry_after_seconds(header: str | None, now: dt.datetime) -> float | None:
    """Give the seconds to wait from `now` on, 0 to `LONGEST`; None when absent or unreadable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST)
    try:
        at = parsedate_to_datetime(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=dt.UTC)
        wait = (at - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(wait, 0.0), LONGEST)
