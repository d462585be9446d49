"""That this database came out of a backup: half of it, or all of it and what is still held back."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from mongoengine import BooleanField, IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, checked, from_bson
from backend.models.fields import UtcDateTimeField
from backend.models.raw import Where

RUNNING, DONE = "running", "done"
# A database is restored once, while it is empty.
_ONLY = "restore"


@dataclass(frozen=True, slots=True)
class RestoreRecord:
    """The restore of a backup into this database.

    `held`: no message about what was before is sent until a human says so.
    """

    id: str
    backup_id: str
    sha256: str
    state: str
    begun_at: dt.datetime
    held: bool
    completed_at: dt.datetime | None = None
    documents: int | None = None


class RestoreDocument(StoredDocument):
    """Stored form of `RestoreRecord`."""

    id = StringField(primary_key=True)
    backup_id = StringField(required=True)
    sha256 = StringField(required=True)
    state = StringField(required=True)
    begun_at = UtcDateTimeField(required=True)
    held = BooleanField(required=True)
    completed_at = UtcDateTimeField()
    documents = IntField()

    meta = {"collection": "restores", "indexes": []}


def collection_name() -> str:
    """Name the collection, which no backup holds: it tells of this database and not of the trial."""
    return str(RestoreDocument._get_collection_name())  # noqa: SLF001


def begin_restore(where: Where, backup_id: str, sha256: str, *, now: dt.datetime) -> None:
    """Mark a database as half restored: from now on it is not fit to serve.

    Raises:
        pymongo.errors.DuplicateKeyError: another restore into it was begun.
    """
    record = RestoreRecord(_ONLY, backup_id, sha256, RUNNING, now, held=True)
    where[collection_name()].insert_one(checked(RestoreDocument, record))


def end_restore(
    where: Where, *, now: dt.datetime, documents: int, session: ClientSession | None = None
) -> None:
    """Mark a restored database as whole."""
    done = {"state": DONE, "completed_at": now, "documents": documents}
    where[collection_name()].update_one({"_id": _ONLY}, {"$set": done}, session=session)


def find_restore(where: Where) -> RestoreRecord | None:
    """Give the restore that this database came out of."""
    stored = where[collection_name()].find_one({"_id": _ONLY})
    return None if stored is None else from_bson(RestoreRecord, stored)


def is_held() -> bool:
    """Tell whether messages are held back, because a restore has not been released yet."""
    return _collection().find_one({"_id": _ONLY, "held": True}) is not None


def is_half_restored() -> bool:
    """Tell whether a restore was begun here and has not ended."""
    return _collection().find_one({"_id": _ONLY, "state": RUNNING}) is not None


def release(*, session: ClientSession) -> bool:
    """Let messages go; False: none were held."""
    result = _collection().update_one(
        {"_id": _ONLY, "held": True}, {"$set": {"held": False}}, session=session
    )
    return bool(result.modified_count)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return RestoreDocument._get_collection()  # noqa: SLF001
