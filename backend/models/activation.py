"""One-time codes with which a patient's phone is activated; only the hash is stored."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from mongoengine import StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class ActivationCode:
    """One code; `id` is a keyed hash of its letters, which alone are too few to stand a search."""

    id: str = field(repr=False)
    subject_id: str
    site: str
    issued_by: str
    issued_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None = None
    voided_at: dt.datetime | None = None


class ActivationCodeDocument(StoredDocument):
    """Stored form of `ActivationCode`."""

    id = StringField(primary_key=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    issued_by = StringField(required=True)
    issued_at = UtcDateTimeField(required=True)
    expires_at = UtcDateTimeField(required=True)
    used_at = UtcDateTimeField()
    voided_at = UtcDateTimeField()

    meta = {
        "collection": "activation_codes",
        "indexes": [
            {"name": "activation_subject", "fields": ["subject_id"]},
            {"name": "activation_expiry", "fields": ["expires_at"]},
        ],
    }


def insert_code(code: ActivationCode, *, session: ClientSession) -> None:
    """Store a new code."""
    insert(ActivationCodeDocument, code, session=session)


def take_code(sha256: str, *, now: dt.datetime, session: ClientSession) -> ActivationCode | None:
    """Give the code with this hash and use it up; None: unknown, used, voided or expired."""
    usable = {"_id": sha256, "used_at": None, "voided_at": None, "expires_at": {"$gt": now}}
    stored = _collection().find_one(usable, session=session)
    # One use: of two phones at once the second finds the code changed.
    taken = _collection().update_one(usable, {"$set": {"used_at": now}}, session=session)
    if stored is None or not taken.modified_count:
        return None
    return from_bson(ActivationCode, stored)


def void_codes(subject_id: str, *, at: dt.datetime, session: ClientSession) -> int:
    """Make a subject's codes that wait for a phone unusable; give how many."""
    result = _collection().update_many(
        {"subject_id": subject_id, "used_at": None, "voided_at": None},
        {"$set": {"voided_at": at}},
        session=session,
    )
    return int(result.modified_count)


def void_all_codes(*, at: dt.datetime, session: ClientSession) -> int:
    """Make every code that waits for a phone unusable; give how many."""
    result = _collection().update_many(
        {"used_at": None, "voided_at": None}, {"$set": {"voided_at": at}}, session=session
    )
    return int(result.modified_count)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return ActivationCodeDocument._get_collection()  # noqa: SLF001
