"""Findings that staff state without a laboratory: an ECG, urine, oxygen, a steroid's taper."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mongoengine import DictField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame, stream, whose

Answer = bool | Decimal | str


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """What was found at one moment, by fact; `day` is its day in the subject's zone.

    A later finding about the same fact counts from then on; what was said first stays.
    """

    id: str
    submission_id: str
    subject_id: str
    site: str
    day: dt.date
    observed_at: dt.datetime
    values: Mapping[str, Answer]
    recorded_at: dt.datetime
    recorded_by: str
    content_sha256: str = field(repr=False)


class FindingDocument(StoredDocument):
    """Stored form of `FindingRecord`."""

    id = StringField(primary_key=True)
    submission_id = StringField(required=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    day = StringField(required=True)
    observed_at = UtcDateTimeField(required=True)
    values = DictField()
    recorded_at = UtcDateTimeField(required=True)
    recorded_by = StringField(required=True)
    content_sha256 = StringField(required=True)

    meta = {
        "collection": "findings",
        "indexes": [
            {
                "name": "finding_submission",
                "fields": ["subject_id", "submission_id"],
                "unique": True,
            },
            {"name": "finding_day", "fields": ["subject_id", "observed_at"]},
        ],
    }


def insert_finding(finding: FindingRecord, *, session: ClientSession) -> None:
    """Store one finding.

    Raises:
        pymongo.errors.DuplicateKeyError: this submission is stored already.
    """
    insert(FindingDocument, finding, session=session)


def find_submission(
    subject_id: str, submission_id: str, *, session: ClientSession
) -> FindingRecord | None:
    """Give the finding that a submission became, if it came before."""
    query = {"subject_id": subject_id, "submission_id": submission_id}
    stored = _collection().find_one(query, session=session)
    return None if stored is None else from_bson(FindingRecord, stored)


def stream_findings(
    frame: Frame,
    sites: Collection[str] | None,
    *,
    since: str | None = None,
    subject: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Give stored findings of `sites` (None: all) by subject and time."""
    query = whose(subject, since)
    order = (("subject_id", 1), ("observed_at", 1), ("_id", 1))
    return stream(frame, FindingDocument, order, sites=sites, query=query)


def findings_until(
    subject_id: str, day: dt.date, *, session: ClientSession | None = None
) -> tuple[FindingRecord, ...]:
    """Give a subject's findings of days up to and with `day`, the oldest first."""
    found = _collection().find({"subject_id": subject_id}, session=session)
    known = (from_bson(FindingRecord, stored) for stored in found.sort("observed_at", 1))
    return tuple(finding for finding in known if finding.day <= day)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return FindingDocument._get_collection()  # noqa: SLF001
