"""Patients' phones: listed and revoked by staff; their own address, reminder time and sign-off."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.config import Config
from backend.db import transaction
from backend.errors import Forbidden, NotFound
from backend.models import device as devices
from backend.models.audit import AuditEntry, append
from backend.models.device import DeviceRecord
from backend.models.session import revoke_sessions_of_device
from backend.services.reach import stored_address
from backend.services.subject import subject_for


@dataclass(frozen=True, slots=True)
class PhoneReach:
    """Where reminders go, and at which time of the patient's day (HH:MM; None: the usual one)."""

    kind: str
    value: str = field(repr=False)
    reminder_time: str | None


def list_devices(subject_id: str, *, actor: Actor) -> tuple[DeviceRecord, ...]:
    """Give a subject's phones, oldest first, revoked ones included.

    Raises:
        NotFound, Forbidden: not for this actor.
    """
    subject = subject_for(subject_id, actor, Action.DEVICE_READ)
    return devices.devices_of(subject.id)


def revoke_device(
    subject_id: str, device_id: str, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> None:
    """Revoke a lost phone: its tokens stop working at once, its push address is dropped.

    Revoking it again changes nothing.

    Raises:
        NotFound, Forbidden: not for this actor, or no such phone of this subject.
    """
    subject = subject_for(subject_id, actor, Action.DEVICE_REVOKE)
    device = devices.find_device(device_id)
    if device is None or device.subject_id != subject.id:
        raise NotFound
    _end(device, "device:revoke", "revoked by staff", actor=actor, now=now, ids=ids)


def read_own_device(*, actor: Actor) -> DeviceRecord:
    """Give the phone that asks.

    Raises:
        Forbidden: the actor is no phone.
    """
    return _own(actor)


def register_reach(reach: PhoneReach, *, actor: Actor, config: Config) -> DeviceRecord:
    """Let a phone say where its reminders go, and at which time of its day.

    Raises:
        Forbidden: the actor is no phone.
        InvalidInput: the address is no subscription of an allowed push service.
    """
    known = _own(actor)
    value = stored_address(reach.kind, reach.value, config=config)
    return _change(
        known.id,
        lambda session: devices.register_push(
            known.id, reach.kind, value, reach.reminder_time, session=session
        ),
    )


def choose_reminder_time(reminder_time: str | None, *, actor: Actor) -> DeviceRecord:
    """Let a phone say at which time of its day it is reminded, and leave its address as it is.

    Raises:
        Forbidden: the actor is no phone.
    """
    known = _own(actor)
    return _change(
        known.id,
        lambda session: devices.set_reminder_time(known.id, reminder_time, session=session),
    )


def sign_off(*, actor: Actor, now: dt.datetime, ids: Callable[[], str]) -> None:
    """End the phone that asks; the patient needs a new code to come back.

    Raises:
        Forbidden: the actor is no phone.
    """
    _end(_own(actor), "device:sign_off", "signed off", actor=actor, now=now, ids=ids)


def _own(actor: Actor) -> DeviceRecord:
    known = devices.find_device(actor.device_id) if actor.device_id else None
    if known is None or not access.may(
        actor, Action.DEVICE_SELF, site=known.site, subject_id=known.subject_id
    ):
        raise Forbidden
    return known


def _change(device_id: str, change: Callable[[ClientSession], None]) -> DeviceRecord:
    def story(session: ClientSession) -> DeviceRecord | None:
        change(session)
        return devices.find_device(device_id, session=session)

    changed = transaction(story)
    if changed is None:
        raise NotFound
    return changed


def _end(
    device: DeviceRecord,
    action: str,
    why: str,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> None:
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action=action,
        target=f"device/{device.id}",
        site=device.site,
        subject_id=device.subject_id,
        reason=why,
    )

    def story(session: ClientSession) -> None:
        if not devices.revoke(device.id, at=now, why=why, session=session):
            return
        revoke_sessions_of_device(device.id, at=now, why=why, session=session)
        append(entry, session=session)

    transaction(story)
