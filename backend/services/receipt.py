"""A device confirms that a message reached it; who was never sent one learns nothing."""

import datetime as dt

from backend.access import Actor
from backend.models.outbox import confirm


def confirm_message(
    message_id: str, revision: str, *, opened: bool, actor: Actor, now: dt.datetime
) -> int:
    """Note that the actor's device received a message, or that it was opened there.

    Only messages to the actor count; a repeat changes nothing. Give how many were meant.
    """
    recipient = actor.device_id or actor.id
    return confirm(recipient, message_id, revision, opened=opened, at=now)
