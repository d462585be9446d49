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
    """One code; `id` is the SHA-256 of its letters."""

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
        "indexes": [{"name": "activation_subject", "fields": ["subject_id"]}],
    }


def insert_code(code: ActivationCode, *, session: ClientSession) -> None:
    """Store a new code."""
    insert(ActivationCodeDocument, code, session=session)


def find_code(sha256: str, *, session: ClientSession) -> ActivationCode | None:
    """Give one code by its hash."""
    stored = _collection().find_one({"_id": sha256}, session=session)
    return None if stored is None else from_bson(ActivationCode, stored)


def void_codes(subject_id: str, *, at: dt.datetime, session: ClientSession) -> None:
    """Make a subject's earlier codes unusable."""
    _collection().update_many(
        {"subject_id": subject_id}, {"$set": {"voided_at": at}}, session=session
    )


def use_code(sha256: str, *, at: dt.datetime, session: ClientSession) -> None:
    """Mark a code as used; it never works again."""
    _collection().update_one({"_id": sha256}, {"$set": {"used_at": at}}, session=session)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return ActivationCodeDocument._get_collection()  # noqa: SLF001
