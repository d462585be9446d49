"""Laboratory results as reported: value and limits in the laboratory's own unit, never converted."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mongoengine import BooleanField, Decimal128Field, DictField, StringField
from pymongo.client_session import ClientSession

from backend.clinical.facts import LabValue
from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame, stream, whose

Answer = bool | Decimal | str
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LabResult:
    """One result. `limits_from` says whose limits it carries: the result's, the site's, or none.

    `unit` is the canonical name of the unit that was `unit_reported`; the number is as reported.
    `day` is the day of collection in the subject's zone. `statements` were made with the sample.
    """

    id: str
    report_id: str
    submission_id: str
    subject_id: str
    site: str
    study_version: str
    analyte: str
    value: Decimal
    unit: str
    unit_reported: str
    limits_from: str
    collected_at: dt.datetime
    day: dt.date
    recorded_at: dt.datetime
    recorded_by: str
    content_sha256: str = field(repr=False)
    lln: Decimal | None = None
    uln: Decimal | None = None
    fasting: bool | None = None
    statements: Mapping[str, Answer] = field(default_factory=dict)


class LabResultDocument(StoredDocument):
    """Stored form of `LabResult`."""

    id = StringField(primary_key=True)
    report_id = StringField(required=True)
    submission_id = StringField(required=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    study_version = StringField(required=True)
    analyte = StringField(required=True)
    value = Decimal128Field(required=True)
    unit = StringField(required=True)
    unit_reported = StringField(required=True)
    limits_from = StringField(required=True)
    collected_at = UtcDateTimeField(required=True)
    day = StringField(required=True)
    recorded_at = UtcDateTimeField(required=True)
    recorded_by = StringField(required=True)
    content_sha256 = StringField(required=True)
    lln = Decimal128Field()
    uln = Decimal128Field()
    fasting = BooleanField()
    statements = DictField()

    meta = {
        "collection": "lab_results",
        "indexes": [
            {
                "name": "lab_submission",
                "fields": ["subject_id", "submission_id", "analyte"],
                "unique": True,
            },
            {"name": "lab_listing", "fields": ["subject_id", "day", "collected_at", "id"]},
        ],
    }


def insert_result(result: LabResult, *, session: ClientSession) -> None:
    """Store one result.

    Raises:
        pymongo.errors.DuplicateKeyError: this submission has a result of this analyte already.
    """
    insert(LabResultDocument, result, session=session)


def results_of_submission(
    subject_id: str, submission_id: str, *, session: ClientSession | None = None
) -> tuple[LabResult, ...]:
    """Give what one submission stored, if it came before."""
    found = _collection().find(
        {"subject_id": subject_id, "submission_id": submission_id}, session=session
    )
    return tuple(from_bson(LabResult, stored) for stored in found)


def results_between(
    subject_id: str, first: dt.date, last: dt.date, *, session: ClientSession | None = None
) -> dict[str, LabValue]:
    """Give the newest result of each analyte collected from `first` to `last`, both included.

    Of two results of one sample the later recorded counts: a laboratory's correction.
    """
    found = (
        _collection()
        .find(
            {
                "subject_id": subject_id,
                # Below the next day, not up to this one: see docs/database.md, defects.
                "day": {"$gte": first.isoformat(), "$lt": (last + _DAY).isoformat()},
            },
            session=session,
        )
        .sort([("day", 1), ("collected_at", 1), ("recorded_at", 1)])
    )
    results = (from_bson(LabResult, stored) for stored in found)
    return {result.analyte: lab_value(result) for result in results}


def results_of(subject_id: str, first: dt.date, last: dt.date) -> tuple[LabResult, ...]:
    """Give a subject's results collected from `first` to `last`, both included, the oldest first."""
    days = {"$gte": first.isoformat(), "$lt": (last + _DAY).isoformat()}
    found = _collection().find({"subject_id": subject_id, "day": days})
    ordered = found.sort([("day", 1), ("collected_at", 1), ("_id", 1)])
    return tuple(from_bson(LabResult, stored) for stored in ordered)


def stream_results(
    frame: Frame,
    sites: Collection[str] | None,
    *,
    since: str | None = None,
    subject: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Give stored results of `sites` (None: all) by subject, day and time of collection."""
    query = whose(subject, since)
    order = (("subject_id", 1), ("day", 1), ("collected_at", 1), ("_id", 1))
    return stream(frame, LabResultDocument, order, sites=sites, query=query)


def lab_value(result: LabResult) -> LabValue:
    """Give a result as the engine reads it; its baseline is added from the subject's."""
    return LabValue(
        result.value,
        result.unit,
        result.lln,
        result.uln,
        fasting=result.fasting,
        collected_on=result.day,
    )


def page(
    subject_id: str, limit: int, *, before: tuple[str, str] | None = None
) -> tuple[LabResult, ...]:
    """Give a subject's results, newest day first, after the cursor `(day, id)`."""
    query: dict[str, Any] = {"subject_id": subject_id}
    if before is not None:
        query["day"] = {"$lt": f"{before[0]}~"}
    rows: list[LabResult] = []
    for stored in _collection().find(query).sort([("day", -1), ("_id", -1)]):
        if before is not None and (stored["day"], stored["_id"]) >= before:
            continue
        rows.append(from_bson(LabResult, stored))
        if len(rows) == limit:
            break
    return tuple(rows)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return LabResultDocument._get_collection()  # noqa: SLF001
