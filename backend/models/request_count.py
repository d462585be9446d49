"""Requests counted per caller and minute: one cheap write each, shared by all workers."""

import datetime as dt
from typing import Any

from mongoengine import IntField, StringField
from pymongo import ReturnDocument
from pymongo.write_concern import WriteConcern

from backend.models.base import StoredDocument
from backend.models.fields import UtcDateTimeField

# A count that a lost primary takes with it lets somebody ask a little more, which is no harm; waiting
# for a majority and the journal would cost every request what a diary costs.
_CHEAP = WriteConcern(w=1, j=False)


class RequestCountDocument(StoredDocument):
    """How often somebody asked in one window; the database removes it some time after its end."""

    id = StringField(primary_key=True)
    count = IntField(required=True)
    expires_at = UtcDateTimeField(required=True)

    meta = {
        "collection": "request_counts",
        "indexes": [
            {"name": "request_count_expiry", "fields": ["expires_at"], "expireAfterSeconds": 0}
        ],
    }


def count_request(key: str, *, expires_at: dt.datetime) -> int:
    """Count one request of a key; give how many that makes."""
    # By `_id`, which alone is quick on every server (docs/database.md).
    counted = _collection().find_one_and_update(
        {"_id": key},
        {"$inc": {"count": 1}, "$setOnInsert": {"expires_at": expires_at}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    # The embedded server answers nothing where two make the row at once (docs/database.md).
    counted = counted or _collection().find_one({"_id": key})
    return 1 if counted is None else int(counted["count"])


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    found = RequestCountDocument._get_collection()  # noqa: SLF001
    return found.with_options(write_concern=_CHEAP)
