"""Assessments: what the engine made of one diary or lab report, with every reason, never changed."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mongoengine import DictField, ListField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame, stream, whose


@dataclass(frozen=True, slots=True)
class AssessmentRecord:
    """One run of one rule set over one source: scores, provisional grades, flags, questions.

    Grades, flags, scores and questions are the engine's own records as plain mappings. `facts` is
    all that the engine was given and `news` what the source brought of it: enough to run any other
    rule set over the same day again.
    """

    id: str
    subject_id: str
    site: str
    source_kind: str
    source_id: str
    day: dt.date
    at: dt.datetime
    ruleset_version: str
    study_version: str
    tier: str
    irae: Mapping[str, Any]
    scores: tuple[Mapping[str, Any], ...]
    grades: tuple[Mapping[str, Any], ...]
    flags: tuple[Mapping[str, Any], ...]
    questions: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any]
    news: tuple[str, ...]


class AssessmentDocument(StoredDocument):
    """Stored form of `AssessmentRecord`."""

    id = StringField(primary_key=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    source_kind = StringField(required=True)
    source_id = StringField(required=True)
    day = StringField(required=True)
    at = UtcDateTimeField(required=True)
    ruleset_version = StringField(required=True)
    study_version = StringField(required=True)
    tier = StringField(required=True)
    irae = DictField()
    scores = ListField(DictField())
    grades = ListField(DictField())
    flags = ListField(DictField())
    questions = ListField(DictField())
    facts = DictField()
    news = ListField(StringField())

    meta = {
        "collection": "assessments",
        "indexes": [
            {"name": "assessment_source", "fields": ["source_id"]},
            {"name": "assessment_newest", "fields": ["subject_id", "-at", "-id"]},
            {"name": "assessment_day", "fields": ["day"]},
        ],
    }


def insert_assessment(assessment: AssessmentRecord, *, session: ClientSession) -> None:
    """Store one assessment."""
    insert(AssessmentDocument, assessment, session=session)


def find_assessment(assessment_id: str) -> AssessmentRecord | None:
    """Give one assessment by its id."""
    return _one({"_id": assessment_id})


def assessment_of(source_id: str) -> AssessmentRecord | None:
    """Give the assessment of one diary or lab report."""
    return _one({"source_id": source_id})


def ids_of_sources(source_ids: Collection[str], *, session: ClientSession) -> frozenset[str]:
    """Give the ids of the assessments of some diaries or lab reports."""
    query = {"source_id": {"$in": sorted(source_ids)}}
    found = AssessmentDocument._get_collection().find(query, {"_id": 1}, session=session)  # noqa: SLF001
    return frozenset(str(stored["_id"]) for stored in found)


def scores_of(subject_id: str, symptom: str) -> Iterator[tuple[str, dt.date, dict[str, Decimal]]]:
    """Give a subject's scores of one symptom: the diary's id, its day, score by attribute.

    The composite, where there is one, is beside the attributes under `composite`.
    """
    query = {"subject_id": subject_id, "scores.symptom": symptom}
    fields = {"source_id": 1, "day": 1, "scores": 1}
    for stored in AssessmentDocument._get_collection().find(query, fields):  # noqa: SLF001
        for score in stored["scores"]:
            if score["symptom"] != symptom:
                continue
            found = {name: Decimal(answer) for name, answer in score["answers"].items()}
            if score.get("composite") is not None:
                found["composite"] = Decimal(score["composite"])
            yield stored["source_id"], dt.date.fromisoformat(stored["day"]), found


def assessments_of(subject_id: str, since: dt.date) -> Iterator[AssessmentRecord]:
    """Give a subject's assessments of days since `since`, in the order they were made."""
    query = {"subject_id": subject_id, "day": {"$gte": since.isoformat()}}
    found = AssessmentDocument._get_collection().find(query)  # noqa: SLF001
    for stored in found.sort([("at", 1), ("_id", 1)]):
        yield from_bson(AssessmentRecord, stored)


def stream_assessments(
    frame: Frame,
    sites: Collection[str] | None,
    *,
    fields: tuple[str, ...],
    since: str | None = None,
    subject: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Give some `fields` of the assessments of `sites` (None: all) by subject, the newest first.

    Assessments of replaced diaries are among them: tell them by the diary's `superseded`.
    """
    query = whose(subject, since)
    order = (("subject_id", 1), ("at", -1), ("_id", -1))
    wanted = ("subject_id", "site", "source_kind", "source_id", "day", "at", *fields)
    return stream(frame, AssessmentDocument, order, sites=sites, query=query, fields=wanted)


def _one(query: dict[str, Any]) -> AssessmentRecord | None:
    stored = AssessmentDocument._get_collection().find_one(query)  # noqa: SLF001
    return None if stored is None else from_bson(AssessmentRecord, stored)
