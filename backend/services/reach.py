"""Where a recipient can be reached over a channel: console, mailbox, or the devices of a person."""

import datetime as dt
from dataclasses import dataclass, field

from backend.models.outbox import OutboxEntry


@dataclass(frozen=True, slots=True)
class Reach:
    """One address; `device_id` names the device to mark when the address turns out to be dead."""

    kind: str
    value: str = field(repr=False)
    device_id: str | None = None


def find_reach(entry: OutboxEntry) -> tuple[Reach, ...]:
    """Give every address of the entry's recipient over its channel; none means unreachable."""
    if entry.channel == "console":
        return (Reach("console", entry.recipient_id),)
    return ()


def lose_device(device_id: str, *, now: dt.datetime) -> None:
    """Mark a device as no longer reachable."""
