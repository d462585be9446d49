"""Exposure: every infusion, fraction and run of oral days, with each correction kept."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mongoengine import BooleanField, Decimal128Field, IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame, stream, whose


@dataclass(frozen=True, slots=True)
class ExposureRecord:
    """One dose record. `dose` is in `unit`: of one infusion or fraction, or per day by mouth.

    `first` to `last` are days in the subject's zone, both included; `last` None: still so, by mouth.
    `change` says how it differs from the plan, `reason` why. A correction is a new record that
    `corrects` the earlier one, which stays.
    """

    id: str
    subject_id: str
    site: str
    study_version: str
    component: str
    first: dt.date
    dose: Decimal
    unit: str
    change: str
    recorded_at: dt.datetime
    recorded_by: str
    last: dt.date | None = None
    cycle: int | None = None
    fraction: int | None = None
    dose_per_m2: Decimal | None = None
    reason: str | None = None
    corrects: str | None = None
    corrected: bool = False


class ExposureDocument(StoredDocument):
    """Stored form of `ExposureRecord`."""

    id = StringField(primary_key=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    study_version = StringField(required=True)
    component = StringField(required=True)
    first = StringField(required=True)
    dose = Decimal128Field(required=True)
    unit = StringField(required=True)
    change = StringField(required=True)
    recorded_at = UtcDateTimeField(required=True)
    recorded_by = StringField(required=True)
    last = StringField()
    cycle = IntField(min_value=1)
    fraction = IntField(min_value=1)
    dose_per_m2 = Decimal128Field()
    reason = StringField()
    corrects = StringField()
    corrected = BooleanField(required=True)

    meta = {
        "collection": "exposures",
        "indexes": [{"name": "exposure_first", "fields": ["subject_id", "first", "id"]}],
    }


def insert_exposure(exposure: ExposureRecord, *, session: ClientSession) -> None:
    """Store one dose record."""
    insert(ExposureDocument, exposure, session=session)


def find_exposure(
    exposure_id: str, *, session: ClientSession | None = None
) -> ExposureRecord | None:
    """Give one dose record."""
    stored = _collection().find_one({"_id": exposure_id}, session=session)
    return None if stored is None else from_bson(ExposureRecord, stored)


def mark_corrected(exposure_id: str, *, session: ClientSession) -> bool:
    """Mark a record as corrected by a later one; False when it is so already."""
    result = _collection().update_one(
        {"_id": exposure_id, "corrected": False}, {"$set": {"corrected": True}}, session=session
    )
    return bool(result.modified_count)


def exposures_of(
    subject_id: str, *, session: ClientSession | None = None
) -> tuple[ExposureRecord, ...]:
    """Give every dose record of a subject by day, corrected ones included."""
    found = _collection().find({"subject_id": subject_id}, session=session)
    found = found.sort([("first", 1), ("_id", 1)])
    return tuple(from_bson(ExposureRecord, stored) for stored in found)


def stream_exposures(
    frame: Frame,
    sites: Collection[str] | None,
    *,
    since: str | None = None,
    subject: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Give stored dose records of `sites` (None: all) by subject and day, corrected ones too."""
    query = whose(subject, since)
    order = (("subject_id", 1), ("first", 1), ("_id", 1))
    return stream(frame, ExposureDocument, order, sites=sites, query=query)


def page(
    subject_id: str, limit: int, *, after: tuple[str, str] | None = None
) -> tuple[ExposureRecord, ...]:
    """Give a subject's dose records by day, after the cursor `(first, id)`."""
    query: dict[str, Any] = {"subject_id": subject_id}
    if after is not None:
        query["first"] = {"$gte": after[0]}
    rows: list[ExposureRecord] = []
    for stored in _collection().find(query).sort([("first", 1), ("_id", 1)]):
        if after is not None and (stored["first"], stored["_id"]) <= after:
            continue
        rows.append(from_bson(ExposureRecord, stored))
        if len(rows) == limit:
            break
    return tuple(rows)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return ExposureDocument._get_collection()  # noqa: SLF001
