"""Emergency access: who opened what of one subject, why, until when, and who looked at it afterwards."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from mongoengine import IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert, to_bson
from backend.models.fields import UtcDateTimeField

# The record of a subject elsewhere; the arm of one subject.
RECORD, ARM = "record", "arm"
KINDS = (RECORD, ARM)


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """One emergency access; it is good until `until`, and waits for a review after that too."""

    id: str
    kind: str
    subject_id: str
    site: str
    staff_id: str
    role: str
    reason: str
    opened_at: dt.datetime
    until: dt.datetime
    rev: int = 0
    reviewed_at: dt.datetime | None = None
    reviewed_by: str | None = None
    finding: str | None = None


class BreakGlassDocument(StoredDocument):
    """Stored form of `BreakGlass`."""

    id = StringField(primary_key=True)
    kind = StringField(required=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    staff_id = StringField(required=True)
    role = StringField(required=True)
    reason = StringField(required=True)
    opened_at = UtcDateTimeField(required=True)
    until = UtcDateTimeField(required=True)
    rev = IntField(required=True)
    reviewed_at = UtcDateTimeField()
    reviewed_by = StringField()
    finding = StringField()

    meta = {
        "collection": "break_glass",
        "indexes": [{"name": "break_glass_staff", "fields": ["staff_id", "until"]}],
    }


def insert_break_glass(record: BreakGlass, *, session: ClientSession) -> None:
    """Store a new emergency access."""
    insert(BreakGlassDocument, record, session=session)


def replace_break_glass(record: BreakGlass, *, session: ClientSession) -> bool:
    """Store a changed one whose `rev` is one above the stored one; False: it has moved on."""
    result = _collection().replace_one(
        {"_id": record.id, "rev": record.rev - 1}, to_bson(record), session=session
    )
    return bool(result.matched_count)


def find_break_glass(record_id: str, *, session: ClientSession | None = None) -> BreakGlass | None:
    """Give one."""
    stored = _collection().find_one({"_id": record_id}, session=session)
    return None if stored is None else from_bson(BreakGlass, stored)


def open_of(staff_id: str, now: dt.datetime) -> tuple[BreakGlass, ...]:
    """Give what somebody has open now."""
    found = _collection().find({"staff_id": staff_id, "until": {"$gt": now}})
    return tuple(from_bson(BreakGlass, stored) for stored in found)


def all_break_glass() -> tuple[BreakGlass, ...]:
    """Give every one, the newest first; there are few."""
    found = _collection().find().sort([("opened_at", -1), ("_id", -1)])
    return tuple(from_bson(BreakGlass, stored) for stored in found)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return BreakGlassDocument._get_collection()  # noqa: SLF001
