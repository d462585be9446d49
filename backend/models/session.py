"""Token families: one per sign-in of staff or per activated phone; only hashes are stored."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from mongoengine import IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One family of refresh tokens: of a member of staff (`staff_id`) or a phone (`device_id`).

    `token_sha256` is the hash of the token that is good now, `previous_sha256` of the one before.
    """

    id: str
    token_sha256: str = field(repr=False)
    created_at: dt.datetime
    rotated_at: dt.datetime
    expires_at: dt.datetime
    rev: int
    staff_id: str | None = None
    device_id: str | None = None
    previous_sha256: str | None = field(default=None, repr=False)
    revoked_at: dt.datetime | None = None
    revoked_why: str | None = None


class SessionDocument(StoredDocument):
    """Stored form of `SessionRecord`."""

    id = StringField(primary_key=True)
    token_sha256 = StringField(required=True)
    created_at = UtcDateTimeField(required=True)
    rotated_at = UtcDateTimeField(required=True)
    expires_at = UtcDateTimeField(required=True)
    rev = IntField(required=True)
    staff_id = StringField()
    device_id = StringField()
    previous_sha256 = StringField()
    revoked_at = UtcDateTimeField()
    revoked_why = StringField()

    meta = {
        "collection": "sessions",
        "indexes": [
            {"name": "session_staff", "fields": ["staff_id", "-created_at"]},
            {"name": "session_device", "fields": ["device_id"]},
        ],
    }


def insert_session(record: SessionRecord, *, session: ClientSession | None = None) -> None:
    """Store a new family."""
    insert(SessionDocument, record, session=session)


def find_session(session_id: str) -> SessionRecord | None:
    """Give one family."""
    stored = _collection().find_one({"_id": session_id})
    return None if stored is None else from_bson(SessionRecord, stored)


def change(
    record: SessionRecord,
    *,
    session: ClientSession | None = None,
    **fields: Any,  # noqa: ANN401 - field values
) -> SessionRecord | None:
    """Change a family if nobody else has since it was read (compare-and-swap on `rev`)."""
    result = _collection().update_one(
        {"_id": record.id, "rev": record.rev},
        {"$set": {**fields, "rev": record.rev + 1}},
        session=session,
    )
    return replace(record, **fields, rev=record.rev + 1) if result.modified_count else None


def sessions_of_staff(staff_id: str) -> tuple[SessionRecord, ...]:
    """Give a person's families, newest first."""
    found = _collection().find({"staff_id": staff_id}).sort("created_at", -1)
    return tuple(from_bson(SessionRecord, stored) for stored in found)


def revoke_all(
    key: str, value: str, *, at: dt.datetime, why: str, session: ClientSession | None = None
) -> int:
    """End every live family of a person (`staff_id`) or phone (`device_id`); give how many."""
    live = _collection().find({key: value}, session=session)
    ended = 0
    for stored in live:
        if stored.get("revoked_at") is None:
            record = from_bson(SessionRecord, stored)
            ended += change(record, session=session, revoked_at=at, revoked_why=why) is not None
    return ended


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return SessionDocument._get_collection()  # noqa: SLF001
