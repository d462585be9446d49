"""The audit trail: append-only entries, written in the same transaction as what they tell of."""

import datetime as dt
from collections.abc import Collection, Mapping
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


def latest(
    limit: int,
    *,
    sites: Collection[str] | None,
    before: tuple[dt.datetime, str] | None = None,
) -> tuple[AuditEntry, ...]:
    """Give the newest entries of `sites` (None: all), a page at a time by `(at, id)`."""
    query: dict[str, Any] = {} if before is None else {"at": {"$lte": before[0]}}
    found = AuditDocument._get_collection().find(query).sort([("at", -1), ("_id", -1)])  # noqa: SLF001
    rows: list[AuditEntry] = []
    for stored in found:
        if before is not None and (stored["at"], stored["_id"]) >= before:
            continue
        if sites is not None and stored.get("site") not in sites:
            continue
        rows.append(from_bson(AuditEntry, stored))
        if len(rows) == limit:
            break
    return tuple(rows)
