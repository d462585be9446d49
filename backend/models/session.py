"""Token families: one per sign-in of staff or per activated phone; only hashes are stored."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from mongoengine import IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One family of refresh tokens: of a member of staff (`staff_id`) or a phone (`device_id`).

    `token_sha256` is the hash of the token that is good now, `previous_sha256` of the one before;
    `previous_used_at` is when that one was taken once more because the answer had been lost.
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
    previous_used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    revoked_why: str | None = None
    # Of a phone in a restored database: it may hold a token that was made after the backup.
    restored_at: dt.datetime | None = None
    # The kind of client that it was begun from, such as `Firefox on Windows`.
    client: str | None = None
    # Thumbprint of the phone's key, without which its tokens are no good; None: they are a bearer's.
    key_thumbprint: str | None = None


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
    previous_used_at = UtcDateTimeField()
    revoked_at = UtcDateTimeField()
    revoked_why = StringField()
    restored_at = UtcDateTimeField()
    client = StringField()
    key_thumbprint = StringField()

    meta = {
        "collection": "sessions",
        "indexes": [
            {"name": "session_staff_expiry", "fields": ["staff_id", "expires_at"]},
            {"name": "session_expiry", "fields": ["expires_at"]},
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


def rotate_session(known: SessionRecord, following: SessionRecord) -> bool:
    """Store the next token of a family; False: the family has moved on since it was read."""
    changed = {
        "token_sha256": following.token_sha256,
        "previous_sha256": following.previous_sha256,
        "previous_used_at": following.previous_used_at,
        "rotated_at": following.rotated_at,
        "expires_at": following.expires_at,
        "restored_at": following.restored_at,
    }
    result = _collection().update_one(
        {"_id": known.id, "rev": known.rev}, {"$set": changed, "$inc": {"rev": 1}}
    )
    return bool(result.matched_count)


def revoke_session(session_id: str, *, at: dt.datetime, why: str, session: ClientSession) -> bool:
    """End one family for good; False: it had ended already."""
    return bool(_revoke({"_id": session_id}, at, why, session))


def revoke_sessions_of_staff(
    staff_id: str, *, at: dt.datetime, why: str, session: ClientSession
) -> int:
    """End every live family of a person; give how many."""
    return _revoke({"staff_id": staff_id}, at, why, session)


def revoke_sessions_of_device(
    device_id: str, *, at: dt.datetime, why: str, session: ClientSession
) -> int:
    """End every live family of a phone; give how many."""
    return _revoke({"device_id": device_id}, at, why, session)


def revoke_sign_ins(*, at: dt.datetime, why: str, session: ClientSession) -> int:
    """End every live family of staff; give how many."""
    return _revoke({"staff_id": {"$gt": ""}}, at, why, session)


def expect_newer_tokens(*, at: dt.datetime, session: ClientSession) -> None:
    """Note of every live family of a phone that it may have moved on since it was backed up."""
    _collection().update_many(
        {"device_id": {"$gt": ""}, "revoked_at": None},
        {"$set": {"restored_at": at}, "$inc": {"rev": 1}},
        session=session,
    )


def live_sessions_of(
    staff_id: str, *, now: dt.datetime, session: ClientSession | None = None
) -> tuple[SessionRecord, ...]:
    """Give a person's families that are still good, newest first."""
    query = {"staff_id": staff_id, "expires_at": {"$gt": now}}
    found = _collection().find(query, session=session)
    live = [from_bson(SessionRecord, row) for row in found if row.get("revoked_at") is None]
    return tuple(sorted(live, key=lambda record: (record.created_at, record.id), reverse=True))


def _revoke(which: dict[str, Any], at: dt.datetime, why: str, session: ClientSession) -> int:
    # The new `rev` makes a rotation that is under way fail, and look again.
    result = _collection().update_many(
        {**which, "revoked_at": None},
        {"$set": {"revoked_at": at, "revoked_why": why}, "$inc": {"rev": 1}},
        session=session,
    )
    return int(result.modified_count)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return SessionDocument._get_collection()  # noqa: SLF001
