"""Counted attempts per key and window of time: the rate limits, shared by all workers."""

import datetime as dt
from typing import Any

from mongoengine import IntField, StringField

from backend.models.base import StoredDocument
from backend.models.fields import UtcDateTimeField


class AttemptDocument(StoredDocument):
    """One counter; the database removes it when its window is long over."""

    id = StringField(primary_key=True)
    count = IntField(required=True)
    expires_at = UtcDateTimeField(required=True)

    meta = {
        "collection": "attempts",
        "indexes": [{"name": "attempt_expiry", "fields": ["expires_at"], "expireAfterSeconds": 0}],
    }


def count_attempt(key: str, *, expires_at: dt.datetime) -> None:
    """Count one more attempt of a key."""
    _collection().update_one(
        {"_id": key}, {"$inc": {"count": 1}, "$set": {"expires_at": expires_at}}, upsert=True
    )


def attempts(key: str) -> int:
    """Give how many attempts a key has."""
    stored = _collection().find_one({"_id": key})
    return 0 if stored is None else int(stored["count"])


def forget(key: str) -> None:
    """Start a key at zero again."""
    _collection().delete_one({"_id": key})


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return AttemptDocument._get_collection()  # noqa: SLF001
