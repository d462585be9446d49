"""How much one caller may ask: a fixed window per kind of request, one count for all workers (P).

OWASP API4:2023, unrestricted resource consumption. The numbers are ours: a nurse's page makes some
thirty requests in its busiest minute; a phone that was offline for 60 days sends 60 diaries and 60
photos at once, and must never be the one that waits.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from pymongo.errors import PyMongoError

from backend.access import Action
from backend.config import Config
from backend.errors import TooManyRequests
from backend.models.request_count import count_request
from backend.services.tokens import keyed_hash


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """At most `most` requests of one caller in each window of `seconds`."""

    name: str
    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a limit, and in how many seconds the window ends."""

    limit: RequestLimit
    left: int
    resets_in: int


READ = RequestLimit("read", 600, 60)
WRITE = RequestLimit("write", 120, 60)
# A patient's own: two months of diaries and photos at once, some sent twice.
DIARY = RequestLimit("diary", 600, 60)
# Files, packages, replays: each can read the whole trial.
HEAVY = RequestLimit("heavy", 60, 300)
# Whoever has no token: by network, behind which a whole hospital may sit.
STRANGER = RequestLimit("stranger", 300, 60)

_BY_ACTION: Mapping[Action, RequestLimit] = {
    Action.DIARY_SUBMIT: DIARY,
    Action.PHOTO_SUBMIT: DIARY,
    Action.EXPORT_MAKE: HEAVY,
    Action.SUBMISSION_READ: HEAVY,
    Action.RULE_REPLAY: HEAVY,
    Action.DATA_CUT_TAKE: HEAVY,
}
_READING = ("GET", "HEAD", "OPTIONS")


def limit_for(action: Action | None, method: str) -> RequestLimit:
    """Give the limit that a request falls under."""
    if action is None:
        return STRANGER
    return _BY_ACTION.get(action, READ if method in _READING else WRITE)


def take_request(
    limit: RequestLimit, caller: str, *, config: Config, now: dt.datetime
) -> Standing | None:
    """Count one request; None: it could not be counted, and is let through.

    Where the database does not answer, the request itself will say so better than a limit; signing in
    has limits of its own, which let nobody through uncounted.

    Raises:
        TooManyRequests: the window is full; with the seconds until it ends.
    """
    window, into = divmod(int(now.timestamp()), limit.seconds)
    resets_in = limit.seconds - into
    most = limit.most * config.rate_limit_factor
    # Hashed with our key: no network address can be guessed from this row.
    key = f"{limit.name}/{window}/{keyed_hash(config, 'request', caller)}"
    ends = dt.datetime.fromtimestamp((window + 1) * limit.seconds, tz=dt.UTC)
    try:
        count = count_request(key, expires_at=ends + dt.timedelta(seconds=limit.seconds))
    except PyMongoError:
        return None
    if count > most:
        raise TooManyRequests(retry_after=resets_in)
    return Standing(RequestLimit(limit.name, most, limit.seconds), most - count, resets_in)
