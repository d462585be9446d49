"""Whom an alert is owed to, and over which channel: rows in the outbox, sent by the clock process."""

import datetime as dt
from collections.abc import Callable

from pymongo.client_session import ClientSession

from backend.models.alert import AlertRecord
from backend.models.outbox import CANCELLED, DUE, OutboxEntry, change, insert_entry, of_alert
from backend.models.staff import StaffRecord, nurses_of


def owe_messages(
    alert: AlertRecord, *, at: dt.datetime, ids: Callable[[], str], session: ClientSession
) -> None:
    """Write one message per nurse of the site and channel; a tier without push stays on the list.

    Where a site has no nurse the message goes to the console, so that an operator sees the gap:
    an alert that reaches nobody is never silent.
    """
    for recipient_id, channel in _recipients(nurses_of(alert.site, session=session)):
        insert_entry(
            OutboxEntry(
                id=ids(),
                alert_id=alert.id,
                recipient_kind="staff",
                recipient_id=recipient_id,
                channel=channel,
                message={
                    "kind": "alert",
                    "locale": "en",
                    "id": alert.id,
                    "v": str(alert.rev),
                    "tier": alert.tier,
                },
                collapse_key=alert.id,
                state=DUE,
                due_at=at,
                created_at=at,
            ),
            session=session,
        )


def cancel_messages(alert_id: str, *, at: dt.datetime, session: ClientSession) -> None:
    """Let messages that are still owed for an alert be sent no more: somebody has it."""
    for entry in of_alert(alert_id, session=session):
        if entry.state == DUE:
            change(entry, session=session, state=CANCELLED, settled_at=at)


def _recipients(nurses: tuple[StaffRecord, ...]) -> list[tuple[str, str]]:
    return [(nurse.id, nurse.channel) for nurse in nurses] or [("nobody", "console")]
