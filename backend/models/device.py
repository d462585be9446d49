"""Patients' phones: activated by a one-time code, bound to one subject, revocable."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from mongoengine import StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField

_NO_ADDRESS = {"push_kind": "", "push_value": "", "push_dead_at": ""}


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """One phone of one subject. `reminder_time` is HH:MM in the subject's zone."""

    id: str
    subject_id: str
    site: str
    activated_at: dt.datetime
    label: str
    revoked_at: dt.datetime | None = None
    revoked_why: str | None = None
    push_kind: str | None = None
    push_value: str | None = field(default=None, repr=False)
    push_dead_at: dt.datetime | None = None
    reminder_time: str | None = None
    # Of the key that it proved as it was activated (RFC 7638); None: an app that has none.
    key_thumbprint: str | None = None

    @property
    def bound(self) -> bool:
        """Tell whether its tokens are of no use without the phone itself."""
        return self.key_thumbprint is not None


class DeviceDocument(StoredDocument):
    """Stored form of `DeviceRecord`."""

    id = StringField(primary_key=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    activated_at = UtcDateTimeField(required=True)
    label = StringField(required=True)
    revoked_at = UtcDateTimeField()
    revoked_why = StringField()
    push_kind = StringField()
    push_value = StringField()
    push_dead_at = UtcDateTimeField()
    reminder_time = StringField()
    key_thumbprint = StringField()

    meta = {
        "collection": "devices",
        "indexes": [
            {"name": "device_subject", "fields": ["subject_id", "activated_at"]},
            {"name": "device_push", "fields": ["push_value"], "sparse": True},
        ],
    }


def insert_device(device: DeviceRecord, *, session: ClientSession) -> None:
    """Store a newly activated phone."""
    insert(DeviceDocument, device, session=session)


def find_device(device_id: str, *, session: ClientSession | None = None) -> DeviceRecord | None:
    """Give one phone."""
    stored = _collection().find_one({"_id": device_id}, session=session)
    return None if stored is None else from_bson(DeviceRecord, stored)


def devices_of(subject_id: str) -> tuple[DeviceRecord, ...]:
    """Give a subject's phones, oldest first, revoked ones included."""
    found = _collection().find({"subject_id": subject_id}).sort("activated_at", 1)
    return tuple(from_bson(DeviceRecord, stored) for stored in found)


def revoke(device_id: str, *, at: dt.datetime, why: str, session: ClientSession) -> bool:
    """End a phone for good and forget where it is reached; False: it had ended already."""
    result = _collection().update_one(
        {"_id": device_id, "revoked_at": None},
        {"$set": {"revoked_at": at, "revoked_why": why}, "$unset": _NO_ADDRESS},
        session=session,
    )
    return bool(result.modified_count)


def register_push(
    device_id: str, kind: str, value: str, reminder_time: str | None, *, session: ClientSession
) -> None:
    """Store where a phone is reached and when it is reminded (None: at the study's usual time).

    An address belongs to one phone: whoever had it before (a handset that was activated again,
    perhaps for another patient) loses it, or would get the other's reminders.
    """
    _collection().update_many(
        {"push_value": value, "_id": {"$ne": device_id}}, {"$unset": _NO_ADDRESS}, session=session
    )
    change = {"$set": {"push_kind": kind, "push_value": value}, "$unset": {"push_dead_at": ""}}
    _collection().update_one({"_id": device_id, "revoked_at": None}, change, session=session)
    set_reminder_time(device_id, reminder_time, session=session)


def set_reminder_time(device_id: str, reminder_time: str | None, *, session: ClientSession) -> None:
    """Store when a phone is reminded (None: at the study's usual time)."""
    change = (
        {"$unset": {"reminder_time": ""}}
        if reminder_time is None
        else {"$set": {"reminder_time": reminder_time}}
    )
    _collection().update_one({"_id": device_id, "revoked_at": None}, change, session=session)


def mark_push_dead(device_id: str, push_value: str, *, at: dt.datetime) -> None:
    """Note that an address is dead, unless the phone has registered another one meanwhile."""
    _collection().update_one(
        {"_id": device_id, "push_value": push_value}, {"$set": {"push_dead_at": at}}
    )


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return DeviceDocument._get_collection()  # noqa: SLF001
