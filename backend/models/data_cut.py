"""Data cuts: what was asked to be frozen, how far it is, and the frozen copies themselves."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import bson
from mongoengine import DictField, IntField, StringField
from pymongo.client_session import ClientSession

from backend.db import database
from backend.models.adverse_event import AdverseEventDocument
from backend.models.alert import AlertDocument
from backend.models.assessment import AssessmentDocument
from backend.models.audit import AuditDocument
from backend.models.base import StoredDocument, from_bson, insert, to_bson
from backend.models.collections import make_collection
from backend.models.diary import DiaryDocument
from backend.models.exposure import ExposureDocument
from backend.models.fields import UtcDateTimeField
from backend.models.finding import FindingDocument
from backend.models.frame import PREFIX, Frame, cut_name
from backend.models.lab import LabResultDocument
from backend.models.subject import SubjectDocument
from backend.models.window import WindowDocument

WAITING, RUNNING, COMPLETE = "waiting", "running", "complete"

# Copied subject by subject; `SubjectDocument` first, because the cut-off day is in the subject's zone.
OF_SUBJECT: tuple[type[StoredDocument], ...] = (
    SubjectDocument,
    AdverseEventDocument,
    AlertDocument,
    AssessmentDocument,
    DiaryDocument,
    ExposureDocument,
    FindingDocument,
    LabResultDocument,
    WindowDocument,
)
COPIED: tuple[type[StoredDocument], ...] = (*OF_SUBJECT, AuditDocument)


@dataclass(frozen=True, slots=True)
class DataCut:
    """One data cut: all that had happened up to and with the day `cutoff`, as known at `taken_at`.

    `digests` are SHA-256 chains over the copies of each collection, in the order in which they were
    written; `counts` how many there are. `mark` is what was copied last: a killed clock goes on there.
    """

    id: str
    cutoff: dt.date
    reason: str
    asked_at: dt.datetime
    asked_by: str
    study_version: str
    ruleset_version: str
    state: str
    rev: int = 0
    taken_at: dt.datetime | None = None
    completed_at: dt.datetime | None = None
    mark: str = ""
    subjects: int = 0
    subjects_done: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def frame(self) -> Frame:
        """Give the frame that reads this cut."""
        return Frame(
            now=self.taken_at or self.asked_at,
            cut=self.id,
            cutoff=self.cutoff,
            study_version=self.study_version,
            ruleset_version=self.ruleset_version,
        )


class DataCutDocument(StoredDocument):
    """Stored form of `DataCut`."""

    id = StringField(primary_key=True)
    cutoff = StringField(required=True)
    reason = StringField(required=True)
    asked_at = UtcDateTimeField(required=True)
    asked_by = StringField(required=True)
    study_version = StringField(required=True)
    ruleset_version = StringField(required=True)
    state = StringField(required=True)
    rev = IntField(required=True)
    taken_at = UtcDateTimeField()
    completed_at = UtcDateTimeField()
    mark = StringField()
    subjects = IntField(required=True)
    subjects_done = IntField(required=True)
    counts = DictField()
    digests = DictField()

    meta = {
        "collection": "data_cuts",
        "indexes": [{"name": "data_cut_state", "fields": ["state", "asked_at"]}],
    }


def insert_cut(cut: DataCut, *, session: ClientSession) -> None:
    """Store a cut that was asked for."""
    insert(DataCutDocument, cut, session=session)


def find_cut(cut_id: str) -> DataCut | None:
    """Give one cut."""
    stored = _collection().find_one({"_id": cut_id})
    return None if stored is None else from_bson(DataCut, stored)


def cuts() -> tuple[DataCut, ...]:
    """Give every cut, the newest first; there are few."""
    found = _collection().find().sort([("asked_at", -1), ("_id", -1)])
    return tuple(from_bson(DataCut, stored) for stored in found)


def next_cut() -> DataCut | None:
    """Give the cut to work on: one that was begun before one that waits, the oldest first."""
    for state in (RUNNING, WAITING):
        found = _collection().find({"state": state}).sort("asked_at", 1).limit(1)
        stored = next(iter(found), None)
        if stored is not None:
            return from_bson(DataCut, stored)
    return None


def replace_cut(cut: DataCut, *, session: ClientSession | None = None) -> bool:
    """Store a changed cut whose `rev` is one above the stored one; False when it has moved on."""
    stored = {name: value for name, value in to_bson(cut).items() if value is not None}
    result = _collection().replace_one({"_id": cut.id, "rev": cut.rev - 1}, stored, session=session)
    return bool(result.matched_count)


def make_copies(cut_id: str, *, where: Any = None) -> None:  # noqa: ANN401 - pymongo's is generic
    """Make the collections of a cut's copies with the indexes of the live ones; safe to repeat.

    `where` None: in this process's database.
    """
    place = database() if where is None else where
    existing = set(place.list_collection_names())
    for document in COPIED:
        name = cut_name(cut_id, document._get_collection_name())  # noqa: SLF001
        make_collection(document, name, existing, where=place)


def stored_of_subject(
    document: type[StoredDocument], subject_id: str, *, session: ClientSession
) -> list[dict[str, Any]]:
    """Give what is stored of one subject, by id, as it is stored."""
    key = "_id" if document is SubjectDocument else "subject_id"
    live = document._get_collection()  # noqa: SLF001
    return list(live.find({key: subject_id}, session=session).sort("_id", 1))


def stored_audit(
    after: tuple[dt.datetime, str] | None, until: dt.datetime, limit: int
) -> list[dict[str, Any]]:
    """Give audit entries up to a moment in the order of time and id, after a mark."""
    query: dict[str, Any] = {"at": {"$lte": until}}
    if after is not None:
        query["at"]["$gte"] = after[0]
    found = AuditDocument._get_collection().find(query).sort([("at", 1), ("_id", 1)])  # noqa: SLF001
    rows: list[dict[str, Any]] = []
    for stored in found:
        if after is None or (stored["at"], stored["_id"]) > after:
            rows.append(stored)
        if len(rows) == limit:
            break
    return rows


def write_copies(
    cut_id: str,
    document: type[StoredDocument],
    stored: list[dict[str, Any]],
    *,
    session: ClientSession,
) -> None:
    """Write copies of some documents."""
    if stored:
        name = cut_name(cut_id, document._get_collection_name())  # noqa: SLF001
        database()[name].insert_many(stored, session=session)


def chain(digest: str, stored: Iterable[dict[str, Any]]) -> str:
    """Give the SHA-256 of a digest and what follows it: it changes with every value and its place."""
    found = hashlib.sha256(bytes.fromhex(digest) if digest else b"")
    for document in stored:
        found.update(bson.encode(document))
    return found.hexdigest()


def copies(cut_id: str, document: type[StoredDocument], *order: str) -> Iterator[dict[str, Any]]:
    """Give a cut's copies of one collection in some order."""
    name = cut_name(cut_id, document._get_collection_name())  # noqa: SLF001
    found = database()[name].find()
    yield from found.sort([(key, 1) for key in order])


def copied_collections(cut_id: str) -> tuple[str, ...]:
    """Name the collections of a cut."""
    start = f"{PREFIX}.{cut_id}."
    return tuple(sorted(n for n in database().list_collection_names() if n.startswith(start)))


def cut_of(collection: str) -> str | None:
    """Name the cut whose copies a collection holds; None: it holds no cut's."""
    head, *rest = collection.split(".", 2)
    return rest[0] if head == PREFIX and len(rest) == 2 else None  # noqa: PLR2004 - cut and name


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return DataCutDocument._get_collection()  # noqa: SLF001
