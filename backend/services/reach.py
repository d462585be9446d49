"""Where a recipient can be reached over a channel: console, mailbox, or the address of a phone."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TypeVar

from backend.config import Config
from backend.db import transaction
from backend.errors import Fault, InvalidInput
from backend.models.device import find_device, mark_push_dead
from backend.models.outbox import OutboxEntry
from backend.models.staff import find_staff, replace_staff
from backend.subscription import BadSubscriptionError, read_subscription

Value = TypeVar("Value", str, str | None)


# Which channel pushes to which kind of address of a phone or an installed page.
_PUSHED_BY = {"fid": "fcm", "token": "fcm", "webpush": "webpush"}
PUSH_CHANNELS = frozenset(_PUSHED_BY.values())


@dataclass(frozen=True, slots=True)
class Reach:
    """One address, its kind as `notifications` names it."""

    kind: str
    value: str = field(repr=False)


def push_channel(kind: str | None) -> str | None:
    """Give the channel that pushes to a kind of address; None: there is no address."""
    return None if kind is None else _PUSHED_BY[kind]


def stored_address(kind: str | None, value: Value, *, config: Config) -> Value:
    """Give an address as it is kept: a subscription in its one form, all else as it came.

    Raises:
        InvalidInput: it is no subscription, or not of an allowed push service.
    """
    if kind != "webpush" or value is None:
        return value
    try:
        return read_subscription(value, config.webpush_hosts).text()
    except BadSubscriptionError as error:
        raise InvalidInput(faults=(Fault("/value", str(error)),)) from error


def find_reach(entry: OutboxEntry, *, gateway: str | None = None) -> Reach | None:
    """Give the address of an entry's recipient over its channel; None means unreachable by it.

    `gateway` is the webhook's URL: it knows staff by our ids, and their numbers itself.

    A phone whose address is dead, or that was revoked, and staff who have left are unreachable.
    """
    if entry.channel == "console":
        return Reach("console", entry.recipient_id)
    if entry.recipient_kind == "device":
        return _of_device(entry.recipient_id, entry.channel)
    return _of_staff(entry.recipient_id, entry.channel, gateway)


def lose_reach(entry: OutboxEntry, reach: Reach, *, now: dt.datetime) -> None:
    """Note that a phone's address is dead, so that nothing more is sent there.

    A dead mailbox stays as it is: it is also how its owner signs in.
    """
    if entry.channel not in PUSH_CHANNELS:
        return
    if entry.recipient_kind == "device":
        mark_push_dead(entry.recipient_id, reach.value, at=now)
        return
    staff = find_staff(entry.recipient_id)
    if staff is not None and staff.push_value == reach.value:
        without = replace(staff, push_kind=None, push_value=None, rev=staff.rev + 1)
        # False: the record has moved on, perhaps with a new address. Then this one is gone anyway.
        transaction(lambda session: replace_staff(without, session=session))


def _of_device(device_id: str, channel: str) -> Reach | None:
    device = find_device(device_id)
    if device is None or device.revoked_at is not None or device.push_dead_at is not None:
        return None
    return _push(device.push_kind, device.push_value, channel)


def _of_staff(staff_id: str, channel: str, gateway: str | None) -> Reach | None:
    staff = find_staff(staff_id)
    if staff is None or not staff.active:
        return None
    if channel == "email":
        return Reach("email", staff.email)
    if channel == "webhook":
        return None if gateway is None else Reach("url", f"{gateway.rstrip('/')}/{staff.id}")
    return _push(staff.push_kind, staff.push_value, channel)


def _push(kind: str | None, value: str | None, channel: str) -> Reach | None:
    if kind is None or value is None or push_channel(kind) != channel:
        return None
    return Reach(kind, value)
