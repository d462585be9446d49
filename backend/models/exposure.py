"""Exposure: every infusion, fraction and run of oral days, with each correction kept."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mongoengine import BooleanField, Decimal128Field, IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class ExposureRecord:
    """One dose record. `dose` is in `unit`: of one infusion or fraction, or per day by mouth.

    `change` says how it differs from the plan, `reason` why. A correction is a new record that
    `corrects` the earlier one, which stays.
    """

    id: str
    subject_id: str
    site: str
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
        "indexes": [{"name": "exposure_subject", "fields": ["subject_id", "first"]}],
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
    found = _collection().find({"subject_id": subject_id}, session=session).sort("first", 1)
    return tuple(from_bson(ExposureRecord, stored) for stored in found)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return ExposureDocument._get_collection()  # noqa: SLF001
