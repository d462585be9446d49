"""Rate limits: so many attempts per key and window, counted in the database for all workers."""

import datetime as dt
import hashlib

from backend.errors import TooManyRequests
from backend.models.attempt import attempts, count_attempt, forget


def check_limit(scope: str, key: str, *, most: int, window: dt.timedelta, now: dt.datetime) -> None:
    """Refuse when a key has used up its attempts in the present window.

    Raises:
        TooManyRequests: with the seconds until the window ends.
    """
    if attempts(_row(scope, key, window, now)) >= most:
        ends = _start(window, now) + window
        raise TooManyRequests(retry_after=max(1, int((ends - now).total_seconds())))


def note_attempt(scope: str, key: str, *, window: dt.timedelta, now: dt.datetime) -> None:
    """Count one attempt."""
    count_attempt(_row(scope, key, window, now), expires_at=_start(window, now) + 2 * window)


def clear_attempts(scope: str, key: str, *, window: dt.timedelta, now: dt.datetime) -> None:
    """Forget a key's attempts after a success."""
    forget(_row(scope, key, window, now))


def _row(scope: str, key: str, window: dt.timedelta, now: dt.datetime) -> str:
    # Hashed: an e-mail or an address has no place in this collection.
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"{scope}/{digest}/{int(_start(window, now).timestamp())}"


def _start(window: dt.timedelta, now: dt.datetime) -> dt.datetime:
    seconds = int(window.total_seconds())
    return dt.datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=dt.UTC)
