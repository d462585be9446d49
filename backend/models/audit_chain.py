"""The chains of the audit trail: one per stream, each entry bound to the one before by its SHA-256."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bson import json_util
from mongoengine import IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, to_bson
from backend.models.fields import UtcDateTimeField

# Before the first entry of a stream.
NOTHING = "0" * 64
_BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of one stream: the place (from 1) and digest of its newest entry; `at` is its time."""

    id: str
    seq: int
    sha256: str
    at: dt.datetime


class AuditHeadDocument(StoredDocument):
    """Stored form of `Head`."""

    id = StringField(primary_key=True)
    seq = IntField(required=True)
    sha256 = StringField(required=True)
    at = UtcDateTimeField(required=True)

    meta = {
        "collection": "audit_heads",
        "indexes": [{"name": "audit_head_time", "fields": ["at"]}],
    }


def find_head(stream: str, *, session: ClientSession) -> Head:
    """Give the end of a stream; place 0 where nothing has been written yet."""
    stored = _heads().find_one({"_id": stream}, session=session)
    return Head(stream, 0, NOTHING, _BEGINNING) if stored is None else from_bson(Head, stored)


def keep_head(head: Head, *, session: ClientSession) -> None:
    """Store the new end of a stream: the one write that two appending transactions conflict over."""
    stored = to_bson(head)
    stored.pop("_id")
    _heads().update_one({"_id": head.id}, {"$set": stored}, upsert=True, session=session)


def heads(*, since: dt.datetime | None = None) -> Iterator[Head]:
    """Give the end of every stream (of those with an entry since a moment), by name."""
    query = {} if since is None else {"at": {"$gte": since}}
    found = [from_bson(Head, stored) for stored in _heads().find(query)]
    yield from sorted(found, key=lambda head: head.id)


def digest(stored: Mapping[str, Any]) -> str:
    """Give the SHA-256 of an entry as stored, but for `sha256` itself.

    Of its JSON in UTF-8, names in order and no spaces; a time as MongoDB's Extended JSON has it,
    `{"$date": {"$numberLong": milliseconds}}`: whoever has an export can compute it in any language.
    It holds `previous`, so each digest stands for all before it.
    """
    told = {name: value for name, value in stored.items() if name != "sha256"}
    text = json.dumps(
        told,
        default=lambda value: json_util.default(value, json_util.CANONICAL_JSON_OPTIONS),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _heads() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return AuditHeadDocument._get_collection()  # noqa: SLF001
