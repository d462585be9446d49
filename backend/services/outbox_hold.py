"""What a restored database owes: held back, looked at, and let go by a human.

A backup knows messages as owed that were sent after it was made. Sending all would repeat them;
dropping all could lose what nobody has seen yet.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend.db import transaction
from backend.models import outbox, raw
from backend.models import restore as restores
from backend.models.audit import AuditEntry, append
from backend.models.outbox import CANCELLED, OutboxEntry
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


def held_by_kind() -> Mapping[str, int] | None:
    """Count what came owed out of the backup, by kind and tier; None where nothing is held back."""
    return None if not is_held() else Counter(_named(entry) for entry in _restored())


def release_outbox(
    which: str, reason: str, *, now: dt.datetime, ids: Callable[[], str]
) -> Released | None:
    """Let messages go again; None where they are not held.

    Of those that came owed out of the backup, `URGENT` sends what rings and withdraws reminders and
    what can wait: an emergency twice is better than never, a reminder of a past day is not. What was
    written since the restore is sent in any case.
    """
    if not is_held():
        return None
    owed = _restored()
    dropped = [
        entry
        for entry in owed
        if which == NOTHING or (which == URGENT and entry.message["tier"] not in RINGING)
    ]
    for start in range(0, len(dropped), _BATCH):
        _withdraw(dropped[start : start + _BATCH], now)
    found = Released(len(owed) - len(dropped), len(dropped))
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=MACHINE,
        action="outbox:release",
        target="outbox",
        reason=reason,
        details={"which": which, "let_go": found.let_go, "withdrawn": found.withdrawn},
    )

    def story(session: ClientSession) -> None:
        if restores.release(session=session):
            append(entry, session=session)

    transaction(story)
    return found


def _withdraw(entries: list[OutboxEntry], now: dt.datetime) -> None:
    def story(session: ClientSession) -> None:
        for entry in entries:
            outbox.change(entry, session=session, state=CANCELLED, settled_at=now)

    transaction(story)


def _restored() -> tuple[OutboxEntry, ...]:
    restore = restores.find_restore(raw.here())
    return () if restore is None else outbox.owed_before(restore.begun_at)


def _named(entry: OutboxEntry) -> str:
    return f"{entry.message['kind']}, {entry.message['tier']}"
