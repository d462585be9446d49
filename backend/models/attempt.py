"""Counted attempts per key: rate limits and lockouts, shared by all workers through the database."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from mongoengine import IntField, StringField
from pymongo.errors import DuplicateKeyError

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class AttemptCount:
    """How many attempts a key has; the count is over at `until`, and `expires_at` is for the TTL."""

    id: str
    count: int
    until: dt.datetime
    expires_at: dt.datetime


class AttemptDocument(StoredDocument):
    """Stored form of `AttemptCount`; the database removes it some time after its end."""

    id = StringField(primary_key=True)
    count = IntField(required=True)
    until = UtcDateTimeField(required=True)
    expires_at = UtcDateTimeField(required=True)

    meta = {
        "collection": "attempts",
        "indexes": [{"name": "attempt_expiry", "fields": ["expires_at"], "expireAfterSeconds": 0}],
    }


def find_count(key: str) -> AttemptCount | None:
    """Give the count of a key."""
    stored = _collection().find_one({"_id": key})
    return None if stored is None else from_bson(AttemptCount, stored)


def put_count(count: AttemptCount, *, known: AttemptCount | None) -> bool:
    """Store a count in the place of `known` (None: of nothing); False: another was quicker.

    Compare-and-swap: if two that read 4 could both write 5, every worker could try a password more.
    """
    if known is None:
        try:
            insert(AttemptDocument, count)
        except DuplicateKeyError:
            return False
        return True
    result = _collection().update_one(
        {"_id": known.id, "count": known.count, "until": known.until},
        {"$set": {"count": count.count, "until": count.until, "expires_at": count.expires_at}},
    )
    return bool(result.matched_count)


def forget(key: str) -> None:
    """Start a key at zero again."""
    _collection().delete_one({"_id": key})


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return AttemptDocument._get_collection()  # noqa: SLF001
