"""Texts that could name somebody: contact data and free text, sealed and apart from clinical data."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mongoengine import BinaryField, IntField, ListField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert, to_bson
from backend.models.fields import UtcDateTimeField
from backend.vault import KEYS, SealedForGoodError, vault


@dataclass(frozen=True, slots=True)
class PrivateText:
    """One sealed thing: `id` says of what (`diary/S01-0001/…`, `contact/S01-0001`)."""

    id: str
    subject_id: str
    sealed: bytes
    written_at: dt.datetime
    rev: int = 0


@dataclass(frozen=True, slots=True)
class ShreddedSubject:
    """A subject whose key was destroyed: who did it, when, and why."""

    id: str
    at: dt.datetime
    by: str
    reason: str


class PrivateTextDocument(StoredDocument):
    """Stored form of `PrivateText`."""

    id = StringField(primary_key=True)
    subject_id = StringField(required=True)
    sealed = BinaryField(required=True)
    written_at = UtcDateTimeField(required=True)
    rev = IntField(required=True)

    meta = {
        "collection": "private_texts",
        "indexes": [{"name": "private_text_subject", "fields": ["subject_id"]}],
    }


class SubjectKeyDocument(StoredDocument):
    """The wrapped data keys, as libmongocrypt writes them; only the index is ours."""

    keyAltNames = ListField(StringField())  # noqa: N815 - the driver's own name

    meta = {
        "collection": KEYS,
        "indexes": [
            {"name": "subject_key_name", "fields": ["keyAltNames"], "unique": True, "sparse": True}
        ],
    }


class ShreddedSubjectDocument(StoredDocument):
    """Stored form of `ShreddedSubject`."""

    id = StringField(primary_key=True)
    at = UtcDateTimeField(required=True)
    by = StringField(required=True)
    reason = StringField(required=True)

    meta = {"collection": "shredded_subjects", "indexes": []}


def key_name(subject_id: str) -> str:
    """Name the data key of a subject."""
    return f"subject/{subject_id}"


def contact_of(subject_id: str) -> str:
    """Name what is sealed as a subject's contact data."""
    return f"contact/{subject_id}"


def sealed_text(
    of: str, subject_id: str, value: Mapping[str, Any], *, now: dt.datetime, rev: int = 0
) -> PrivateText:
    """Seal a value; called before a transaction, because the key is made beside it.

    Raises:
        SealedForGoodError: the subject was shredded.
    """
    return PrivateText(of, subject_id, sealed_value(of, subject_id, value), now, rev)


def sealed_value(of: str, subject_id: str, value: Mapping[str, Any]) -> bytes:
    """Seal a value that is stored elsewhere; called before a transaction, as above.

    Raises:
        SealedForGoodError: the subject was shredded.
    """
    if is_shredded(subject_id):
        raise SealedForGoodError
    name = key_name(subject_id)
    vault().make_key(name)
    return bytes(vault().seal(name, of, value))


def insert_text(text: PrivateText, *, session: ClientSession | None = None) -> None:
    """Store what was sealed."""
    insert(PrivateTextDocument, text, session=session)


def put_text(text: PrivateText, *, session: ClientSession) -> bool:
    """Store it in place of its version before; False: it has moved on, or is there already."""
    if text.rev == 0:
        if find_text(text.id, session=session) is not None:
            return False
        insert_text(text, session=session)
        return True
    result = _texts().replace_one(
        {"_id": text.id, "rev": text.rev - 1}, to_bson(text), session=session
    )
    return bool(result.matched_count)


def find_text(of: str, *, session: ClientSession | None = None) -> PrivateText | None:
    """Give what is sealed of one thing."""
    stored = _texts().find_one({"_id": of}, session=session)
    return None if stored is None else from_bson(PrivateText, stored)


def opened_texts(ofs: Collection[str]) -> dict[str, dict[str, Any]]:
    """Open what is sealed of several things; what was shredded is not among them."""
    found = _texts().find({"_id": {"$in": sorted(ofs)}}) if ofs else ()
    known = ((str(stored["_id"]), opened(from_bson(PrivateText, stored))) for stored in found)
    return {of: value for of, value in known if value is not None}


def opened(text: PrivateText) -> dict[str, Any] | None:
    """Open it; None: its key was destroyed."""
    return opened_value(text.id, text.sealed)


def opened_value(of: str, sealed: bytes) -> dict[str, Any] | None:
    """Open what is sealed of one thing; None: its key was destroyed."""
    try:
        return vault().open(of, sealed)
    except SealedForGoodError:
        return None


def insert_shredded(record: ShreddedSubject, *, session: ClientSession) -> None:
    """Write down that a subject is shredded, before the key is destroyed."""
    insert(ShreddedSubjectDocument, record, session=session)


def is_shredded(subject_id: str, *, session: ClientSession | None = None) -> bool:
    """Tell whether a subject is shredded."""
    return _shredded().find_one({"_id": subject_id}, {"_id": 1}, session=session) is not None


def shredded_subjects() -> Iterator[ShreddedSubject]:
    """Give every shredded subject."""
    for stored in _shredded().find({}).sort("_id", 1):
        yield from_bson(ShreddedSubject, stored)


def remove_texts(subject_id: str) -> int:
    """Remove what nobody can read any more; give how many."""
    return int(_texts().delete_many({"subject_id": subject_id}).deleted_count)


def _texts() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return PrivateTextDocument._get_collection()  # noqa: SLF001


def _shredded() -> Any:  # noqa: ANN401 - the same
    return ShreddedSubjectDocument._get_collection()  # noqa: SLF001
