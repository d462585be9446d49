"""Who cannot be reached: patients without a phone that rings, staff whose channel has no address."""

import datetime as dt
from dataclasses import dataclass

from backend import access
from backend.access import Action, Actor
from backend.clinical.milestones import OFF_STUDY, status_of
from backend.models.device import DeviceRecord, devices_of
from backend.models.staff import active_staff
from backend.models.subject import find_subject, subjects_at
from backend.services.reach import PUSH_CHANNELS, push_channel


@dataclass(frozen=True, slots=True)
class Unreachable:
    """One recipient with no reachable device; `since` where a moment is known."""

    kind: str
    id: str
    site: str | None
    reason: str
    since: dt.datetime | None


def list_unreachable(*, actor: Actor) -> tuple[Unreachable, ...]:
    """Give the patients and staff of the actor's sites who cannot be reached by push."""
    sites = access.scope(actor, Action.DEVICE_READ).sites
    found = []
    for subject_id in subjects_at(sites):
        subject = find_subject(subject_id)
        if subject is not None and status_of(subject.milestone_days) != OFF_STUDY:
            gap = _gap(devices_of(subject_id))
            if gap is not None:
                found.append(Unreachable("subject", subject.id, subject.site, *gap))
    for person in active_staff():
        here = [grant.site for grant in person.grants if sites is None or grant.site in sites]
        pushed = person.channel in PUSH_CHANNELS
        if here and pushed and push_channel(person.push_kind) != person.channel:
            found.append(Unreachable("staff", person.id, here[0], "no push address", None))
    return tuple(found)


def _gap(devices: tuple[DeviceRecord, ...]) -> tuple[str, dt.datetime | None] | None:
    """Say why no phone of a patient rings; None where one does."""
    active = [device for device in devices if device.revoked_at is None]
    if not active:
        ended = [device.revoked_at for device in devices if device.revoked_at is not None]
        return "no phone", max(ended, default=None)
    if any(device.push_value and device.push_dead_at is None for device in active):
        return None
    dead = [device.push_dead_at for device in active if device.push_dead_at is not None]
    return ("push address is dead", max(dead)) if dead else ("no push address", None)
