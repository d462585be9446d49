"""The clock's lease: a sign of life for `/readyz`, and one acting clock for jobs that decide."""

import datetime as dt
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend.models import lease as leases

_CLOCK = "clock"
# Three renewals (jobs/clock.py, every 2 seconds) may fail before another clock takes over.
LEASE = dt.timedelta(seconds=8)


class FencedError(Exception):
    """Another clock has taken over: what this one was about to decide is not its own any more."""


@dataclass(slots=True)
class Fence:
    """The number under which a clock acts; None: it does not lead."""

    number: int | None = None

    def check(self, session: ClientSession) -> None:
        """Refuse to decide anything under a lease that has changed hands.

        Called inside the transaction that decides. What it then writes is a compare-and-swap on
        its own record, so that a hand-over in the same moment still lets only one of the two win.

        Raises:
            FencedError: another clock leads, or none of them did.
        """
        lease = leases.find_lease(_CLOCK, session=session)
        if self.number is None or lease is None or lease.fence != self.number:
            raise FencedError


def hold_clock(owner: str, *, now: dt.datetime) -> int | None:
    """Renew or take the clock's lease and give its fencing number; None: another clock holds it."""
    if not leases.take_lease(_CLOCK, owner, now=now, until=now + LEASE):
        return None
    lease = leases.find_lease(_CLOCK)
    return lease.fence if lease is not None and lease.owner == owner else None


def release_clock(owner: str, *, now: dt.datetime) -> None:
    """Give the lease back at a graceful stop."""
    leases.end_lease(_CLOCK, owner, now=now)


def clock_lease(now: dt.datetime) -> tuple[float, int] | None:
    """Give how long ago the lease was renewed, in seconds, and how often it has changed hands."""
    lease = leases.find_lease(_CLOCK)
    return None if lease is None else ((now - lease.until + LEASE).total_seconds(), lease.fence)


def is_clock_running(now: dt.datetime) -> bool:
    """Tell whether some clock has renewed its lease lately."""
    lease = leases.find_lease(_CLOCK)
    return lease is not None and lease.until >= now
