"""The clock's lease: a sign of life for `/readyz`, and one acting clock where a job needs that."""

import datetime as dt

from backend.models import lease as leases

_CLOCK = "clock"
# Three renewals (jobs/clock.py) may fail before the clock counts as gone.
LEASE = dt.timedelta(seconds=15)


def hold_clock(owner: str, *, now: dt.datetime) -> bool:
    """Renew or take the clock's lease; False: another clock holds it."""
    return leases.take_lease(_CLOCK, owner, now=now, until=now + LEASE)


def release_clock(owner: str, *, now: dt.datetime) -> None:
    """Give the lease back at a graceful stop."""
    leases.end_lease(_CLOCK, owner, now=now)


def is_clock_running(now: dt.datetime) -> bool:
    """Tell whether some clock has renewed its lease lately."""
    lease = leases.find_lease(_CLOCK)
    return lease is not None and lease.until >= now
