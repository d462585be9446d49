"""Patients' phones: activated by a one-time code, bound to one subject, revocable."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from mongoengine import StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """One phone of one subject. `reminder_time` is HH:MM in the subject's zone."""

    id: str
    subject_id: str
    site: str
    activated_at: dt.datetime
    label: str
    revoked_at: dt.datetime | None = None
    push_kind: str | None = None
    push_value: str | None = field(default=None, repr=False)
    push_dead_at: dt.datetime | None = None
    reminder_time: str | None = None


class DeviceDocument(StoredDocument):
    """Stored form of `DeviceRecord`."""

    id = StringField(primary_key=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    activated_at = UtcDateTimeField(required=True)
    label = StringField(required=True)
    revoked_at = UtcDateTimeField()
    push_kind = StringField()
    push_value = StringField()
    push_dead_at = UtcDateTimeField()
    reminder_time = StringField()

    meta = {
        "collection": "devices",
        "indexes": [{"name": "device_subject", "fields": ["subject_id", "activated_at"]}],
    }


def insert_device(device: DeviceRecord, *, session: ClientSession) -> None:
    """Store a newly activated phone."""
    insert(DeviceDocument, device, session=session)


def find_device(device_id: str) -> DeviceRecord | None:
    """Give one phone."""
    stored = _collection().find_one({"_id": device_id})
    return None if stored is None else from_bson(DeviceRecord, stored)


def devices_of(subject_id: str) -> tuple[DeviceRecord, ...]:
    """Give a subject's phones, oldest first, revoked ones included."""
    found = _collection().find({"subject_id": subject_id}).sort("activated_at", 1)
    return tuple(from_bson(DeviceRecord, stored) for stored in found)


def set_fields(
    device_id: str, fields: dict[str, Any], *, session: ClientSession | None = None
) -> None:
    """Change some fields of a phone; a None takes the field away."""
    kept = {name: value for name, value in fields.items() if value is not None}
    gone = {name: "" for name, value in fields.items() if value is None}
    change = ({"$set": kept} if kept else {}) | ({"$unset": gone} if gone else {})
    _collection().update_one({"_id": device_id}, change, session=session)


def mark_push_dead(device_id: str, push_value: str, *, at: dt.datetime) -> None:
    """Note that an address is dead, unless the phone has registered another one meanwhile."""
    _collection().update_one(
        {"_id": device_id, "push_value": push_value}, {"$set": {"push_dead_at": at}}
    )


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return DeviceDocument._get_collection()  # noqa: SLF001
