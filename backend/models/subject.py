"""Subjects: pseudonymous, with arm, stratum, baseline and milestones; no name, no e-mail."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mongoengine import DictField, IntField, ListField, StringField
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from backend.clinical.facts import LabValue
from backend.clinical.milestones import OFF_STUDY
from backend.models.base import StoredDocument, from_bson, insert, to_bson
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame, stream, whose

Answer = bool | Decimal | str


@dataclass(frozen=True, slots=True)
class Milestone:
    """One event of the trial's course, on a calendar day of the subject's zone.

    A later one of the same kind corrects it, and says why in `reason`.
    """

    kind: str
    on: dt.date
    recorded_at: dt.datetime
    recorded_by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SubjectChange:
    """What was different before a correction (values, zone or language by name), and why."""

    at: dt.datetime
    by: str
    reason: str
    earlier: Mapping[str, Answer]
    earlier_labs: Mapping[str, LabValue]


@dataclass(frozen=True, slots=True)
class Subject:
    """One person in the study under a number.

    `baseline` is keyed by facts of the rule set's groups `baseline` (their names carry the unit)
    and `history` (sex, stoma, anticoagulation); `baseline_labs` by analyte. `milestones` are in the
    order in which they were recorded.
    """

    id: str
    study_id: str
    study_version: str
    site: str
    arm: str
    mrf: str
    zone: str
    language: str
    baseline: Mapping[str, Answer]
    baseline_labs: Mapping[str, LabValue]
    milestones: tuple[Milestone, ...]
    changes: tuple[SubjectChange, ...]
    enrolled_at: dt.datetime
    rev: int

    @property
    def sex(self) -> str | None:
        """Give the sex on record."""
        sex = self.baseline.get("sex")
        return sex if isinstance(sex, str) else None

    @property
    def milestone_days(self) -> dict[str, dt.date]:
        """Give the day of each milestone as it stands now."""
        return {milestone.kind: milestone.on for milestone in self.milestones}


class SubjectDocument(StoredDocument):
    """Stored form of `Subject`."""

    id = StringField(primary_key=True)
    study_id = StringField(required=True)
    study_version = StringField(required=True)
    site = StringField(required=True)
    arm = StringField(required=True)
    mrf = StringField(required=True)
    zone = StringField(required=True)
    language = StringField(required=True)
    baseline = DictField()
    baseline_labs = DictField()
    milestones = ListField(DictField())
    changes = ListField(DictField())
    enrolled_at = UtcDateTimeField(required=True)
    rev = IntField(required=True)

    meta = {
        "collection": "subjects",
        "indexes": [{"name": "subject_site", "fields": ["site", "id"]}],
    }


class CounterDocument(StoredDocument):
    """The last subject number of each site."""

    id = StringField(primary_key=True)
    last = IntField(required=True)

    meta = {"collection": "counters", "indexes": []}


def next_number(site: str, *, session: ClientSession) -> int:
    """Give the site's next subject number; it is used up only if the transaction commits."""
    counter = CounterDocument._get_collection().find_one_and_update(  # noqa: SLF001
        {"_id": f"subject/{site}"},
        {"$inc": {"last": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return int(counter["last"])


def insert_subject(subject: Subject, *, session: ClientSession) -> None:
    """Store a new subject."""
    insert(SubjectDocument, subject, session=session)


def replace_subject(subject: Subject, *, session: ClientSession) -> bool:
    """Store a changed subject whose `rev` is one above the stored one; False: it has moved on."""
    result = _collection().replace_one(
        {"_id": subject.id, "rev": subject.rev - 1}, to_bson(subject), session=session
    )
    return bool(result.matched_count)


def subject_ids() -> tuple[str, ...]:
    """Give the ids of all subjects of the study, in their order."""
    return subjects_at(None)


def subjects_at(sites: Collection[str] | None) -> tuple[str, ...]:
    """Give the ids of the subjects of some sites (None: all), in their order."""
    query: dict[str, Any] = {} if sites is None else {"site": {"$in": sorted(sites)}}
    found = _collection().find(query, {"_id": 1}).sort("_id", 1)
    return tuple(str(stored["_id"]) for stored in found)


def off_study_since() -> Iterator[tuple[str, dt.date]]:
    """Give the subjects who are off study, each with the day."""
    for stored in _collection().find({}, {"milestones": 1}).sort("_id", 1):
        # A later one of the same kind corrects it.
        days = {one["kind"]: one["on"] for one in stored["milestones"]}
        if OFF_STUDY in days:
            yield str(stored["_id"]), dt.date.fromisoformat(days[OFF_STUDY])


def find_subject(subject_id: str, *, session: ClientSession | None = None) -> Subject | None:
    """Give one subject."""
    stored = _collection().find_one({"_id": subject_id}, session=session)
    return None if stored is None else from_bson(Subject, stored)


def page(
    sites: Collection[str] | None, limit: int, *, after: str | None = None
) -> tuple[Subject, ...]:
    """Give subjects of `sites` (None: all) by their number, after one."""
    query: dict[str, Any] = {}
    if sites is not None:
        query["site"] = {"$in": sorted(sites)}
    if after is not None:
        query["_id"] = {"$gt": after}
    found = _collection().find(query).sort("_id", 1).limit(limit)
    return tuple(from_bson(Subject, stored) for stored in found)


def arms_of(frame: Frame, sites: Collection[str] | None) -> Iterator[tuple[str, str, str]]:
    """Give subject, site and arm of every subject of `sites` (None: all)."""
    for stored in stream_subjects(frame, sites):
        yield stored["_id"], stored["site"], stored["arm"]


def stream_subjects(
    frame: Frame,
    sites: Collection[str] | None,
    *,
    since: str | None = None,
    subject: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Give stored subjects of `sites` (None: all) by number, from one on. They hold the arm."""
    query = whose(subject, since, key="_id")
    return stream(frame, SubjectDocument, (("_id", 1),), sites=sites, query=query)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return SubjectDocument._get_collection()  # noqa: SLF001
