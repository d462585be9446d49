"""The audit trail: append-only entries, written in the same transaction as what they tell of."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mongoengine import DictField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which thing, when (UTC), and what changed; no health data in `details`."""

    id: str
    at: dt.datetime
    actor_id: str
    action: str
    target: str
    site: str | None = None
    subject_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class AuditDocument(StoredDocument):
    """Stored form of `AuditEntry`."""

    id = StringField(primary_key=True)
    at = UtcDateTimeField(required=True)
    actor_id = StringField(required=True)
    action = StringField(required=True)
    target = StringField(required=True)
    site = StringField()
    subject_id = StringField()
    details = DictField()

    meta = {
        "collection": "audit",
        "indexes": [
            {"name": "audit_time", "fields": ["-at", "-id"]},
            {"name": "audit_target", "fields": ["target", "-at"]},
        ],
    }


def append(entry: AuditEntry, *, session: ClientSession | None = None) -> None:
    """Write one entry."""
    insert(AuditDocument, entry, session=session)


def latest(limit: int, *, before: tuple[dt.datetime, str] | None = None) -> tuple[AuditEntry, ...]:
    """Give the newest entries, a page at a time by `(at, id)`."""
    query: dict[str, Any] = {}
    if before is not None:
        at, entry_id = before
        query = {"at": {"$lte": at}, "_id": {"$nin": [entry_id]}}
    found = (
        AuditDocument._get_collection().find(query).sort([("at", -1), ("_id", -1)]).limit(limit + 1)  # noqa: SLF001
    )
    entries = (from_bson(AuditEntry, stored) for stored in found)
    if before is None:
        return tuple(entries)[:limit]
    return tuple(entry for entry in entries if (entry.at, entry.id) < before)[:limit]
