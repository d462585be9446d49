"""Rate limits and lockouts: so many attempts per key, then a pause; one count for all workers."""

import datetime as dt
import ipaddress
import math
from dataclasses import dataclass, replace

from backend.config import Config
from backend.errors import TooManyRequests
from backend.models.attempt import AttemptCount, find_count, forget, put_count
from backend.services.tokens import lasting_hash

# Networks hand a household 2^64 addresses: counting single ones would count nothing.
_IPV6_PREFIX = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts of one key within `window`; the last of them begins the pause."""

    name: str
    most: int
    window: dt.timedelta


def take_attempt(limit: Limit, key: str, *, config: Config, now: dt.datetime) -> bool:
    """Count one attempt before it is made; True: it was the last one before the pause.

    Counted first and forgotten after a success, so that attempts side by side cannot slip through
    between a look and a count. The pause lasts a whole window from the attempt that filled it;
    attempts within it are not counted, so that it ends.

    Raises:
        TooManyRequests: the key is in its pause; with the seconds until its end.
    """
    row = _row(limit, key, config)
    while True:
        known = find_count(row)
        fresh = known is None or now >= known.until
        count = 1 if known is None or fresh else known.count + 1
        if known is not None and not fresh and known.count >= limit.most:
            raise TooManyRequests(retry_after=_seconds_to(known.until, now))
        last = count >= limit.most
        until = now + limit.window if fresh or last or known is None else known.until
        # Kept one window longer than it counts: clocks of two machines may differ a little.
        new = AttemptCount(row, count, until, until + limit.window)
        if put_count(new, known=known):
            return last


def forget_attempts(limit: Limit, key: str, *, config: Config) -> None:
    """Start a key at zero again, after a success."""
    forget(_row(limit, key, config))


def return_attempt(limit: Limit, key: str, *, config: Config, now: dt.datetime) -> None:
    """Give one attempt back, after a success where the key is shared by many people."""
    row = _row(limit, key, config)
    while (known := find_count(row)) and known.count > 0 and now < known.until:
        if put_count(replace(known, count=known.count - 1), known=known):
            return


def network_of(address: str) -> str:
    """Give what an address is counted under: itself, or the /64 network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # A proxy's name or a socket's path: counted as it is.
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))


def _row(limit: Limit, key: str, config: Config) -> str:
    # Hashed with our key: neither an e-mail nor a network address can be guessed from this row.
    return f"{limit.name}/{lasting_hash(config, limit.name, key)}"


def _seconds_to(end: dt.datetime, now: dt.datetime) -> int:
    return max(1, math.ceil((end - now).total_seconds()))
