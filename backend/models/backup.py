"""Backups that were begun, and what became of each: the last good one is what an operator watches."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from mongoengine import IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField

RUNNING, DONE, FAILED = "running", "done", "failed"


@dataclass(frozen=True, slots=True)
class BackupRecord:
    """One backup: `recipient` names the key that opens it, `sha256` is its manifest's.

    `rev` moves while the backup is read: what the backup sees of it proves that its view stands still.
    """

    id: str
    begun_at: dt.datetime
    recipient: str
    state: str
    rev: int = 0
    completed_at: dt.datetime | None = None
    documents: int | None = None
    size: int | None = None
    sha256: str | None = None


class BackupDocument(StoredDocument):
    """Stored form of `BackupRecord`."""

    id = StringField(primary_key=True)
    begun_at = UtcDateTimeField(required=True)
    recipient = StringField(required=True)
    state = StringField(required=True)
    rev = IntField(required=True)
    completed_at = UtcDateTimeField()
    documents = IntField()
    size = IntField()
    sha256 = StringField()

    meta = {
        "collection": "backups",
        "indexes": [{"name": "backup_state", "fields": ["state", "completed_at"]}],
    }


def insert_backup(record: BackupRecord, *, session: ClientSession) -> None:
    """Store a backup that begins."""
    insert(BackupDocument, record, session=session)


def settle_backup(
    backup_id: str,
    state: str,
    *,
    session: ClientSession | None = None,
    **fields: Any,  # noqa: ANN401 - field values
) -> None:
    """Write down what became of a backup."""
    change = {"$set": {"state": state, **fields}}
    _collection().update_one({"_id": backup_id}, change, session=session)


def stands_still(backup_id: str, session: ClientSession) -> bool:
    """Tell whether reads of `session` stay at one moment while others write: tried on the record."""
    before = _collection().find_one({"_id": backup_id}, session=session)
    _collection().update_one({"_id": backup_id}, {"$inc": {"rev": 1}})
    after = _collection().find_one({"_id": backup_id}, session=session)
    return before is not None and before == after


def last_backup() -> BackupRecord | None:
    """Give the newest backup that was completed."""
    found = _collection().find({"state": DONE}).sort("completed_at", -1).limit(1)
    stored = next(iter(found), None)
    return None if stored is None else from_bson(BackupRecord, stored)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return BackupDocument._get_collection()  # noqa: SLF001
