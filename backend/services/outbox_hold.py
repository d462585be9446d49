"""What a restored database owes: held back, looked at, and let go by a human.

A backup knows messages as owed that were sent after it was made. Sending all would repeat them;
dropping all could lose what nobody has seen yet.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend.db import transaction
from backend.models import outbox, raw
from backend.models import restore as restores
from backend.models.alert import find_alert
from backend.models.audit import AuditEntry, append
from backend.models.outbox import CANCELLED, DUE, HELD, OutboxEntry
from backend.services.kept import MACHINE
from backend.services.outbox import RINGING

# What is let go of that which was owed in the backup.
URGENT, ALL, NOTHING = "urgent", "all", "nothing"
# Changed in one transaction; a server's limits are far above.
_BATCH = 200

is_held = restores.is_held


@dataclass(frozen=True, slots=True)
class Released:
    """How many messages are sent now, and how many never."""

    let_go: int
    withdrawn: int


def hold_back_old(now: dt.datetime) -> None:
    """In a restored database, hold back what is due about anything from before the restore.

    The clock goes on to escalate what its answer may have been lost of. What is raised from now on
    rings at once: a patient who writes today must not wait for an operator.
    """
    restore = restores.find_restore(raw.here())
    if restore is None or not restore.held:
        return
    for entry in outbox.candidates(DUE, now, _BATCH):
        alert = find_alert(entry.alert_id)
        if alert is None or alert.raised_at < restore.begun_at:
            outbox.change(entry, state=HELD)


def held_by_kind() -> Mapping[str, int] | None:
    """Count what is held back, by kind and tier; None where nothing is."""
    held = Counter(_named(entry) for entry in outbox.held_back())
    return held if held or is_held() else None


def release_outbox(
    which: str, reason: str, *, now: dt.datetime, ids: Callable[[], str]
) -> Released | None:
    """Let messages go again; None where they are not held.

    Of those that came owed out of the backup, `URGENT` sends what rings and withdraws reminders and
    what can wait: an emergency twice is better than never, a reminder of a past day is not. What was
    written since the restore is sent in any case.
    """
    restore, held = restores.find_restore(raw.here()), outbox.held_back()
    if restore is None or not (restore.held or held):
        return None
    dropped = [
        entry
        for entry in held
        if entry.created_at < restore.begun_at
        and (which == NOTHING or (which == URGENT and entry.message["tier"] not in RINGING))
    ]
    found = Released(len(held) - len(dropped), len(dropped))
    told = AuditEntry(
        id=ids(),
        at=now,
        actor_id=MACHINE,
        action="outbox:release",
        target="outbox",
        reason=reason,
        details={"which": which, "let_go": found.let_go, "withdrawn": found.withdrawn},
    )

    def story(session: ClientSession) -> None:
        restores.release(session=session)
        append(told, session=session)

    # First, so that no clock holds anything back again; who is cut off after it releases once more.
    transaction(story)
    _settle(dropped, state=CANCELLED, settled_at=now)
    while rest := outbox.held_back():
        _settle(rest, state=DUE, lease_until=None, lease_owner=None)
    return found


def _settle(entries: Sequence[OutboxEntry], **fields: object) -> None:
    for start in range(0, len(entries), _BATCH):
        part = entries[start : start + _BATCH]

        def story(session: ClientSession, part: Sequence[OutboxEntry] = part) -> None:
            for entry in part:
                outbox.change(entry, session=session, **fields)

        transaction(story)


def _named(entry: OutboxEntry) -> str:
    return f"{entry.message['kind']}, {entry.message['tier']}"
