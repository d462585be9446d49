"""Where a recipient can be reached over a channel: console, mailbox, or the address of a phone."""

import datetime as dt
from dataclasses import dataclass, field, replace

from backend.db import transaction
from backend.models.device import find_device, mark_push_dead
from backend.models.outbox import OutboxEntry
from backend.models.staff import find_staff, replace_staff


@dataclass(frozen=True, slots=True)
class Reach:
    """One address, its kind as `notifications` names it."""

    kind: str
    value: str = field(repr=False)


def find_reach(entry: OutboxEntry, *, gateway: str | None = None) -> Reach | None:
    """Give the address of an entry's recipient over its channel; None means unreachable by it.

    `gateway` is the webhook's URL: it knows staff by our ids, and their numbers itself.

    A phone whose address is dead, or that was revoked, and staff who have left are unreachable.
    """
    if entry.channel == "console":
        return Reach("console", entry.recipient_id)
    if entry.recipient_kind == "device":
        return _of_device(entry.recipient_id) if entry.channel == "fcm" else None
    return _of_staff(entry.recipient_id, entry.channel, gateway)


def lose_reach(entry: OutboxEntry, reach: Reach, *, now: dt.datetime) -> None:
    """Note that a phone's address is dead, so that nothing more is sent there.

    A dead mailbox stays as it is: it is also how its owner signs in.
    """
    if entry.channel != "fcm":
        return
    if entry.recipient_kind == "device":
        mark_push_dead(entry.recipient_id, reach.value, at=now)
        return
    staff = find_staff(entry.recipient_id)
    if staff is not None and staff.push_value == reach.value:
        without = replace(staff, push_kind=None, push_value=None, rev=staff.rev + 1)
        # False: the record has moved on, perhaps with a new address. Then this one is gone anyway.
        transaction(lambda session: replace_staff(without, session=session))


def _of_device(device_id: str) -> Reach | None:
    device = find_device(device_id)
    if device is None or device.revoked_at is not None or device.push_dead_at is not None:
        return None
    return _push(device.push_kind, device.push_value)


def _of_staff(staff_id: str, channel: str, gateway: str | None) -> Reach | None:
    staff = find_staff(staff_id)
    if staff is None or not staff.active:
        return None
    if channel == "email":
        return Reach("email", staff.email)
    if channel == "webhook":
        return None if gateway is None else Reach("url", f"{gateway.rstrip('/')}/{staff.id}")
    return _push(staff.push_kind, staff.push_value) if channel == "fcm" else None


def _push(kind: str | None, value: str | None) -> Reach | None:
    return None if kind is None or value is None else Reach(kind, value)
