"""An alert's way from raised to closed, with the messages between: who was reached, and when."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from backend.access import Actor
from backend.models.outbox import ACCEPTED, CANCELLED, DEAD, OutboxEntry, of_alert
from backend.services.alert import read_alert

_SETTLED = {ACCEPTED: "accepted", DEAD: "failed", CANCELLED: "withdrawn"}


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: a person's, or of one message to one person over one channel."""

    at: dt.datetime
    step: str
    by: str
    channel: str | None = None
    note: str | None = None


def read_ladder(alert_id: str, *, actor: Actor) -> tuple[Rung, ...]:
    """Give every step of an alert, oldest first.

    A message is queued with its alert, accepted by the channel's service (which is not delivery),
    then confirmed by the device: received, opened.

    Raises:
        NotFound: there is none, or it is of another site.
    """
    alert = read_alert(alert_id, actor=actor)
    rungs = [Rung(step.at, step.step, step.by, None, step.note) for step in alert.steps]
    for entry in of_alert(alert_id):
        rungs += _of_message(entry)
    return tuple(sorted(rungs, key=lambda rung: rung.at))


def _of_message(entry: OutboxEntry) -> Iterator[Rung]:
    def rung(at: dt.datetime, step: str, note: str | None = None) -> Rung:
        return Rung(at, step, entry.recipient_id, entry.channel, note)

    yield rung(entry.created_at, "queued")
    if entry.settled_at is not None and entry.state in _SETTLED:
        yield rung(entry.settled_at, _SETTLED[entry.state], entry.last_detail)
    if entry.received_at is not None:
        yield rung(entry.received_at, "received")
    if entry.opened_at is not None:
        yield rung(entry.opened_at, "opened")
