"""Exports: files that are made in the background, in parts, each stored before the next is begun."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bson import Binary
from mongoengine import BinaryField, BooleanField, DictField, IntField, ListField, StringField
from pymongo.client_session import ClientSession

from backend.access import Grant
from backend.models.base import StoredDocument, from_bson, insert, to_bson
from backend.models.fields import UtcDateTimeField

WAITING, RUNNING, COMPLETE, FAILED = "waiting", "running", "complete", "failed"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One finished file; `rows` None: it has none."""

    name: str
    size: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One export that somebody asked for.

    `query` is what was asked, as it came. `mark` is where the file at hand goes on (listing's key),
    `parts` and `rows` how much of it is stored: a killed clock goes on there.
    """

    id: str
    kind: str
    listing: str | None
    format: str
    query: Mapping[str, Any]
    cut: str | None
    unblinded: bool
    asked_at: dt.datetime
    asked_by: str
    state: str
    rev: int = 0
    files: tuple[ExportFile, ...] = ()
    files_expected: int = 1
    rows: int = 0
    parts: int = 0
    mark: tuple[str, ...] = ()
    detail: str | None = None
    completed_at: dt.datetime | None = None
    # Held when it was asked for: its files have what these may see, and no other may fetch them.
    grants: tuple[Grant, ...] = ()
    # Begun so often; a clock that dies over it must not try for ever.
    attempts: int = 0


class ExportDocument(StoredDocument):
    """Stored form of `ExportRecord`."""

    id = StringField(primary_key=True)
    kind = StringField(required=True)
    listing = StringField()
    format = StringField(required=True)
    query = DictField()
    cut = StringField()
    unblinded = BooleanField(required=True)
    asked_at = UtcDateTimeField(required=True)
    asked_by = StringField(required=True)
    state = StringField(required=True)
    rev = IntField(required=True)
    files = ListField(DictField())
    files_expected = IntField(required=True)
    rows = IntField(required=True)
    parts = IntField(required=True)
    mark = ListField(StringField())
    detail = StringField()
    completed_at = UtcDateTimeField()
    attempts = IntField(required=True)
    grants = ListField(DictField())

    meta = {
        "collection": "exports",
        "indexes": [
            {"name": "export_state", "fields": ["state", "asked_at"]},
            {"name": "export_asked", "fields": ["asked_at"]},
            {"name": "export_owner", "fields": ["asked_by", "asked_at"]},
        ],
    }


class ExportPartDocument(StoredDocument):
    """Some bytes of one file of an export."""

    id = StringField(primary_key=True)
    export_id = StringField(required=True)
    file = StringField(required=True)
    number = IntField(required=True)
    data = BinaryField(required=True)

    meta = {
        "collection": "export_parts",
        "indexes": [{"name": "export_part", "fields": ["export_id", "file", "number"]}],
    }


def insert_export(export: ExportRecord, *, session: ClientSession) -> None:
    """Store an export that was asked for."""
    insert(ExportDocument, export, session=session)


def find_export(export_id: str) -> ExportRecord | None:
    """Give one export."""
    stored = _collection().find_one({"_id": export_id})
    return None if stored is None else from_bson(ExportRecord, stored)


def exports_of(staff_id: str) -> tuple[ExportRecord, ...]:
    """Give what one person asked for, the newest first."""
    found = _collection().find({"asked_by": staff_id}).sort([("asked_at", -1), ("_id", -1)])
    return tuple(from_bson(ExportRecord, stored) for stored in found)


def next_export() -> ExportRecord | None:
    """Give the export to work on: one that was begun before one that waits, the oldest first."""
    for state in (RUNNING, WAITING):
        found = _collection().find({"state": state}).sort("asked_at", 1).limit(1)
        stored = next(iter(found), None)
        if stored is not None:
            return from_bson(ExportRecord, stored)
    return None


def replace_export(export: ExportRecord, *, session: ClientSession) -> bool:
    """Store a changed export whose `rev` is one above the stored one; False when it has moved on."""
    stored = {name: value for name, value in to_bson(export).items() if value is not None}
    result = _collection().replace_one(
        {"_id": export.id, "rev": export.rev - 1}, stored, session=session
    )
    return bool(result.matched_count)


def insert_part(
    export_id: str, file: str, number: int, data: bytes, *, session: ClientSession
) -> None:
    """Store some bytes of a file."""
    part = {
        "_id": f"{export_id}/{file}/{number:06}",
        "export_id": export_id,
        "file": file,
        "number": number,
        "data": Binary(data),
    }
    ExportPartDocument._get_collection().insert_one(part, session=session)  # noqa: SLF001


def remove_parts(export_id: str, file: str) -> None:
    """Remove what an attempt has left of a file that is begun again."""
    query = {"export_id": export_id, "file": file}
    ExportPartDocument._get_collection().delete_many(query)  # noqa: SLF001


def parts_of(export_id: str, file: str) -> Iterator[bytes]:
    """Give the bytes of a file, part by part."""
    query = {"export_id": export_id, "file": file}
    for stored in ExportPartDocument._get_collection().find(query).sort("number", 1):  # noqa: SLF001
        yield bytes(stored["data"])


def remove_older_than(moment: dt.datetime) -> int:
    """Remove exports that were asked for before a moment, with their bytes; give how many."""
    old = [
        stored["_id"] for stored in _collection().find({"asked_at": {"$lt": moment}}, {"_id": 1})
    ]
    for export_id in old:
        ExportPartDocument._get_collection().delete_many({"export_id": export_id})  # noqa: SLF001
        _collection().delete_one({"_id": export_id})
    return len(old)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return ExportDocument._get_collection()  # noqa: SLF001
