"""What is owed and to whom: claim entries under a lease, and settle each by what became of it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from pymongo.client_session import ClientSession

from backend.clinical.diaryplan import DUE as DUE_DIARY
from backend.clinical.diaryplan import REMINDED
from backend.db import transaction
from backend.models import outbox
from backend.models.alert import find_alert
from backend.models.outbox import ACCEPTED, CANCELLED, DEAD, DUE, LEASED, OutboxEntry
from backend.models.window import window_by_id

# Longer than one send may take (notifications/fcm.py gives up after 45 s), so that a lease runs out
# only when its holder is gone.
LEASE = dt.timedelta(seconds=90)
# Fixed steps: the clock is one process, so there is no crowd that jitter would have to spread.
BACKOFF = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900))
# However long a service asks for: a person waits behind each message.
LONGEST_PAUSE = dt.timedelta(hours=1)
MAX_ATTEMPTS = 12
# What rings is tried once a minute instead, so that an outage's end is an end for it too; all are given
# up after about two hours (P).
RINGING = frozenset({"emergency", "urgent"})
RINGING_PAUSE = dt.timedelta(minutes=1)
RINGING_ATTEMPTS = 120
# A refusal that no other channel can take over: an operator may mend the settings meanwhile.
MAX_REJECTIONS = 3
DIARY_REMINDER = "diary_reminder"

# After so many attempts without an answer the next channel is tried too, while this one goes on; what
# is not named here waits until this one has failed for good (P: nobody waits for an outage to end).
_IMPATIENT: Mapping[str, int] = {"emergency": 1, "urgent": 2}


def claim_due(now: dt.datetime, limit: int, *, owner: str) -> tuple[OutboxEntry, ...]:
    """Take up to `limit` entries that are due, or whose last holder's lease ran out.

    Candidates are found by index and taken one by one by compare-and-swap: two workers may find
    the same entry, and only one gets it.
    """
    found = sorted(
        (*outbox.candidates(DUE, now, limit), *outbox.candidates(LEASED, now, limit)),
        key=lambda entry: entry.due_at,
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
    ids: Callable[[], str],
) -> OutboxEntry | None:
    """Write down what became of one attempt.

    `accepted` ends it. `dead_address` and, where there is a next channel, `rejected` end it as
    dead, which an operator sees, and the next channel owes the message from then on. All else
    brings it back later, not before `retry_after` seconds, until the attempts are used up; what is
    urgent is then tried over the next channel too.
    None: the lease had run out and somebody else has it now.
    """
    if kind == "accepted":
        return outbox.change(entry, state=ACCEPTED, last_detail=detail, settled_at=now)
    if _is_hopeless(entry, kind):
        ended = {"state": DEAD, "last_detail": detail, "settled_at": now}
        return _hand_on(entry, ended, now=now, new_id=ids())
    pause = BACKOFF[min(entry.attempts, len(BACKOFF)) - 1]
    if entry.message["tier"] in RINGING:
        pause = min(pause, RINGING_PAUSE)
    if retry_after is not None:
        pause = min(max(pause, dt.timedelta(seconds=retry_after)), LONGEST_PAUSE)
    later: dict[str, Any] = {
        "state": DUE,
        "due_at": now + pause,
        "last_detail": detail,
        "lease_until": None,
        "lease_owner": None,
    }
    patience = _IMPATIENT.get(entry.message["tier"])
    if patience is not None and entry.attempts >= patience and entry.then:
        # The next channel carries the rest of the way on; this one keeps trying beside it.
        return _hand_on(entry, {**later, "then": []}, now=now, new_id=ids())
    return outbox.change(entry, **later)


def is_still_owed(entry: OutboxEntry) -> bool:
    """Tell whether a message is still wanted: nobody has taken the alert, no diary has come."""
    if entry.message["kind"] == DIARY_REMINDER:
        window = window_by_id(entry.alert_id)
        return window is None or window.state in (DUE_DIARY, REMINDED)
    alert = find_alert(entry.alert_id)
    return alert is None or alert.acknowledged_at is None


def withdraw(entry: OutboxEntry, *, now: dt.datetime) -> OutboxEntry | None:
    """End an entry that is not to be sent any more; None: somebody else has it now."""
    return outbox.change(entry, state=CANCELLED, settled_at=now)


def _is_hopeless(entry: OutboxEntry, kind: str) -> bool:
    if kind == "dead_address":
        return True
    if kind == "rejected":
        return bool(entry.then) or entry.attempts >= MAX_REJECTIONS
    rings = entry.message["tier"] in RINGING
    return entry.attempts >= (RINGING_ATTEMPTS if rings else MAX_ATTEMPTS)


def _hand_on(
    entry: OutboxEntry, changes: Mapping[str, Any], *, now: dt.datetime, new_id: str
) -> OutboxEntry | None:
    """Change an entry and owe its message over the next channel, both or neither."""

    def story(session: ClientSession) -> OutboxEntry | None:
        changed = outbox.change(entry, session=session, **changes)
        if changed is not None and entry.then:
            owed = OutboxEntry(
                id=new_id,
                alert_id=entry.alert_id,
                recipient_kind=entry.recipient_kind,
                recipient_id=entry.recipient_id,
                channel=entry.then[0],
                message=entry.message,
                collapse_key=entry.collapse_key,
                state=DUE,
                due_at=now,
                created_at=now,
                then=entry.then[1:],
            )
            outbox.insert_entry(owed, session=session)
        return changed

    return transaction(story)
