"""Adverse events: one per subject, term and course, as the machine sees them until adjudicated."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mongoengine import DictField, IntField, ListField, StringField
from pymongo import InsertOne, UpdateOne
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, checked, from_bson, insert, to_bson
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame, stream, whose


@dataclass(frozen=True, slots=True)
class GradeSeen:
    """One provisional grade on one day, and the assessment that explains it.

    `retracted_by`: the assessment of the amended diary, after which this grade counts no more.
    """

    day: dt.date
    grade: int
    at_most: int | None
    assessment_id: str
    retracted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Adjudication:
    """A clinician's judgement of one course; the newest counts, none is ever changed.

    Words are those of CDISC controlled terminology. `relations` and `actions` are by component of
    the treatment. `signed_as` is the role that signed, `event_rev` the version that was signed.
    """

    id: str
    at: dt.datetime
    by: str
    signed_as: str
    event_rev: int
    term: str
    meddra_code: str
    grade: int
    seriousness: tuple[str, ...]
    relations: Mapping[str, str]
    actions: Mapping[str, str]
    outcome: str
    special_interest: bool
    immune_related: bool
    onset: dt.date
    reason: str
    # When the site learned of it: a serious event's clock runs from here.
    aware_at: dt.datetime
    end: dt.date | None = None

    @property
    def serious(self) -> bool:
        """Tell whether at least one of the six criteria holds (ICH E2A)."""
        return bool(self.seriousness)


@dataclass(frozen=True, slots=True)
class ReportSent:
    """A report of a serious event that left for the sponsor; the first one stops the clock."""

    id: str
    entered_at: dt.datetime
    by: str
    sent_at: dt.datetime
    reference: str


@dataclass(frozen=True, slots=True)
class AdverseEventRecord:
    """One course of one CTCAE term in one subject; days are in the patient's zone.

    `worst_grade` is the machine's; None where a clinician recorded the event and no diary or
    result has graded it, or where every grade was retracted by an amended diary.
    """

    id: str
    subject_id: str
    site: str
    term: str
    meddra_code: str
    soc: str
    onset: dt.date
    last_seen: dt.date
    worst_grade: int | None
    grades: tuple[GradeSeen, ...]
    flags: tuple[str, ...]
    causes: tuple[str, ...]
    recorded_at: dt.datetime
    rev: int
    end: dt.date | None = None
    adjudications: tuple[Adjudication, ...] = ()
    # Set when a course is first judged serious; a later judgement does not take it away.
    report_by: dt.datetime | None = None
    reports: tuple[ReportSent, ...] = ()

    @property
    def judged(self) -> Adjudication | None:
        """Give the judgement that counts: the newest."""
        return self.adjudications[-1] if self.adjudications else None

    @property
    def counts(self) -> bool:
        """Tell whether anything is left of it: a grade that stands, or a clinician's judgement."""
        return self.worst_grade is not None or bool(self.adjudications)


class AdverseEventDocument(StoredDocument):
    """Stored form of `AdverseEventRecord`."""

    id = StringField(primary_key=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    term = StringField(required=True)
    meddra_code = StringField(required=True)
    soc = StringField(required=True)
    onset = StringField(required=True)
    last_seen = StringField(required=True)
    worst_grade = IntField(min_value=1, max_value=5)
    grades = ListField(DictField())
    flags = ListField(StringField())
    causes = ListField(StringField())
    recorded_at = UtcDateTimeField(required=True)
    rev = IntField(required=True)
    end = StringField()
    adjudications = ListField(DictField())
    report_by = UtcDateTimeField()
    reports = ListField(DictField())

    meta = {
        "collection": "adverse_events",
        "indexes": [
            {"name": "adverse_event_subject", "fields": ["subject_id", "term"]},
            {"name": "adverse_event_listing", "fields": ["subject_id", "onset", "id"]},
        ],
    }


def courses_of(
    subject_id: str,
    terms: Collection[str] | None = None,
    *,
    session: ClientSession | None = None,
) -> tuple[AdverseEventRecord, ...]:
    """Give the subject's courses of some terms (None: all), without their list of daily grades."""
    query: dict[str, Any] = {"subject_id": subject_id}
    if terms is not None:
        query["term"] = {"$in": sorted(terms)}
    found = _collection().find(query, {"grades": 0}, session=session)
    return tuple(from_bson(AdverseEventRecord, {**stored, "grades": []}) for stored in found)


def courses_graded_by(
    subject_id: str, assessment_ids: Collection[str], *, session: ClientSession
) -> tuple[AdverseEventRecord, ...]:
    """Give the subject's courses, whole, that rest on one of these assessments.

    Found among the subject's, by no index of the grades: one would hold an entry for each day of each
    course, written anew at each diary, for the rare one that is amended.
    """
    query = {"subject_id": subject_id, "grades.assessment_id": {"$in": sorted(assessment_ids)}}
    found = _collection().find(query, session=session)
    return tuple(from_bson(AdverseEventRecord, stored) for stored in found)


def judged_assessments(subject_id: str) -> frozenset[str]:
    """Give the assessments on which a course rests that a clinician has judged."""
    query = {"subject_id": subject_id, "adjudications.0": {"$exists": True}}
    found = _collection().find(query, {"grades.assessment_id": 1})
    return frozenset(seen["assessment_id"] for stored in found for seen in stored["grades"])


def insert_adverse_event(event: AdverseEventRecord, *, session: ClientSession) -> None:
    """Store a course that a clinician recorded."""
    insert(AdverseEventDocument, event, session=session)


def write_courses(
    opened: Iterable[AdverseEventRecord],
    followed: Iterable[AdverseEventRecord],
    *,
    session: ClientSession,
) -> bool:
    """Store new courses and what one day adds to known ones, in one round trip.

    `followed` carry the day's grade alone and a `rev` one above the stored one. False when one has
    moved on meanwhile.
    """
    new = [InsertOne(checked(AdverseEventDocument, event)) for event in opened]
    known = [_addition(event) for event in followed]
    if not new and not known:
        return True
    result = _collection().bulk_write([*new, *known], session=session)
    return bool(result.matched_count == len(known))


def _addition(event: AdverseEventRecord) -> UpdateOne:
    stored = to_bson(event)
    fixed = ("onset", "last_seen", "end", "worst_grade", "flags", "causes", "rev")
    change = {
        "$set": {name: stored[name] for name in fixed},
        "$push": {"grades": {"$each": stored["grades"]}},
    }
    return UpdateOne({"_id": event.id, "rev": event.rev - 1}, change)


def find_adverse_event(
    event_id: str, *, session: ClientSession | None = None
) -> AdverseEventRecord | None:
    """Give one course."""
    stored = _collection().find_one({"_id": event_id}, session=session)
    return None if stored is None else from_bson(AdverseEventRecord, stored)


def replace_adverse_event(event: AdverseEventRecord, *, session: ClientSession) -> bool:
    """Store a changed course whose `rev` is one above the stored one; False when it has moved on."""
    stored = {name: value for name, value in to_bson(event).items() if value is not None}
    result = _collection().replace_one(
        {"_id": event.id, "rev": event.rev - 1}, stored, session=session
    )
    return bool(result.matched_count)


def stream_adverse_events(
    frame: Frame,
    sites: Collection[str] | None,
    *,
    after: tuple[Any, ...] | None = None,
    with_grades: bool = False,
    subject: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Give stored courses of `sites` (None: all) by subject, onset and id, as they are read.

    The order is the index's own; a page begins at its subject, rows before the mark are passed by.
    `with_grades`: with their daily grades, which make them long.
    """
    query = whose(subject, None if after is None else after[0])
    order = (("subject_id", 1), ("onset", 1), ("_id", 1))
    fields = None if with_grades else {"grades": 0}
    for stored in stream(
        frame, AdverseEventDocument, order, sites=sites, fields=fields, query=query
    ):
        # Retracted whole, and no clinician has said that it was there.
        if stored.get("worst_grade") is None and not stored.get("adjudications"):
            continue
        if after is None or (stored["subject_id"], stored["onset"], stored["_id"]) > after:
            yield stored


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return AdverseEventDocument._get_collection()  # noqa: SLF001
