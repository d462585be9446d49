"""What is owed and to whom: claim entries under a lease, and settle each by what became of it."""

import datetime as dt

from backend.models import outbox
from backend.models.outbox import ACCEPTED, DEAD, DUE, LEASED, OutboxEntry

# Longer than one send may take (firebase's own retries took 28 s, library notes), so that a lease
# runs out only when its holder is gone.
LEASE = dt.timedelta(seconds=90)
# Fixed steps: the clock is one process, so there is no crowd that jitter would have to spread.
BACKOFF = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900))
MAX_ATTEMPTS = 12


def claim_due(now: dt.datetime, limit: int, *, owner: str) -> tuple[OutboxEntry, ...]:
    """Take up to `limit` entries that are due, or whose last holder's lease ran out.

    Candidates are found by index and taken one by one by compare-and-swap: two workers may find
    the same entry, and only one gets it.
    """
    found = (
        *outbox.candidates(DUE, now, limit),
        *outbox.candidates(LEASED, now, limit),
    )
    claimed = (
        outbox.change(
            entry,
            state=LEASED,
            lease_owner=owner,
            lease_until=now + LEASE,
            # A leased entry comes up again when its lease ends: one index serves both states.
            due_at=now + LEASE,
            attempts=entry.attempts + 1,
        )
        for entry in found[:limit]
    )
    return tuple(entry for entry in claimed if entry is not None)


def settle(
    entry: OutboxEntry,
    kind: str,
    *,
    detail: str,
    retry_after: float | None,
    now: dt.datetime,
) -> OutboxEntry | None:
    """Write down what became of one attempt.

    `accepted` ends it; `dead_address` and `rejected` end it as dead, which the operator sees;
    `retry` and `unknown` bring it back later, not before `retry_after` seconds, until the attempts
    are used up. None: the lease had run out and somebody else has it now.
    """
    if kind == "accepted":
        return outbox.change(entry, state=ACCEPTED, last_detail=detail, settled_at=now)
    if kind in ("dead_address", "rejected") or entry.attempts >= MAX_ATTEMPTS:
        return outbox.change(entry, state=DEAD, last_detail=detail, settled_at=now)
    pause = BACKOFF[min(entry.attempts, len(BACKOFF)) - 1]
    if retry_after is not None:
        pause = max(pause, dt.timedelta(seconds=retry_after))
    return outbox.change(
        entry, state=DUE, due_at=now + pause, last_detail=detail, lease_until=None, lease_owner=None
    )
