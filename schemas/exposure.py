"""Dose records in and out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.services.exposure_entry import CHANGES, NewExposure
from schemas.fields import Day, Number

_MOST = 100_000


class ExposureIn(ma.Schema):
    """One infusion, one fraction, or one run of days of an oral drug; or that there was none.

    - `given`, `reduced`, `delayed`: what was given or taken.
    - `interrupted`: by mouth, the days without the drug (dose 0; `last` null: until it is taken
      again); of an infusion, broken off after `dose`.
    - `stopped`: given no more from `first` on (dose 0).
    - `omitted`: planned and not given (dose 0).
    - `withdrawn`: the record that it `corrects` was a mistake (dose 0).
    """

    component = ma.fields.String(
        required=True, validate=validate.Length(1, 32), metadata={"example": "ql1706"}
    )
    first = Day(required=True, metadata={"description": "The day, or the first day by mouth"})
    last = Day(
        load_default=None,
        allow_none=True,
        metadata={"description": "By mouth: the last day taken; null while still taken"},
    )
    dose = Number(
        required=True,
        validate=validate.Range(0, _MOST),
        metadata={"description": "Of one infusion or fraction, or per day by mouth"},
    )
    unit = ma.fields.String(
        required=True, validate=validate.Length(1, 16), metadata={"example": "mg"}
    )
    dose_per_m2 = Number(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, _MOST),
        metadata={"description": "mg/m2, where dosed by body surface"},
    )
    cycle = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 40)
    )
    fraction = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 40)
    )
    change = ma.fields.String(load_default="given", validate=validate.OneOf(CHANGES))
    reason = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(3, 500),
        metadata={"description": "Why it is not as planned, or why it is corrected"},
    )
    corrects = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 64),
        metadata={"description": "Id of the record that this one corrects"},
    )

    @ma.post_load
    def _new(self, data: dict[str, Any], **_: object) -> NewExposure:
        return NewExposure(**data)


class ExposureOut(ma.Schema):
    """One dose record."""

    id = ma.fields.String()
    subject_id = ma.fields.String()
    study_version = ma.fields.String()
    component = ma.fields.String()
    first = ma.fields.Date()
    last = ma.fields.Date(allow_none=True)
    dose = Number()
    unit = ma.fields.String()
    dose_per_m2 = Number(allow_none=True)
    cycle = ma.fields.Integer(allow_none=True)
    fraction = ma.fields.Integer(allow_none=True)
    change = ma.fields.String()
    reason = ma.fields.String(allow_none=True)
    corrects = ma.fields.String(allow_none=True)
    corrected = ma.fields.Boolean(
        metadata={"description": "A later record stands in its place; this one counts no more"}
    )
    recorded_at = ma.fields.AwareDateTime()
    recorded_by = ma.fields.String()


class ExposurePageOut(ma.Schema):
    """A page of a subject's dose records by day."""

    items = ma.fields.List(ma.fields.Nested(ExposureOut))
    next = ma.fields.String(allow_none=True)
