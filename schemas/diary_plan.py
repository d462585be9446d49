"""Expected diaries in and out."""

import marshmallow as ma
from marshmallow import validate

from schemas.fields import Day


class PlanQuery(ma.Schema):
    """Which days."""

    since = Day(load_default=None)
    until = Day(load_default=None)


class ExcuseIn(ma.Schema):
    """Why a diary is not expected after all."""

    reason = ma.fields.String(
        required=True, validate=validate.Length(3, 500), metadata={"example": "in hospital"}
    )


class WindowStepOut(ma.Schema):
    """One state and when it began."""

    at = ma.fields.AwareDateTime()
    state = ma.fields.String()
    by = ma.fields.String(allow_none=True)
    reason = ma.fields.String(allow_none=True)


class WindowOut(ma.Schema):
    """One expected diary."""

    id = ma.fields.String()
    day = ma.fields.Date()
    zone = ma.fields.String()
    phase = ma.fields.String(metadata={"example": "cycle"})
    asks = ma.fields.List(ma.fields.String(), metadata={"description": "Symptoms asked that day"})
    opens_at = ma.fields.AwareDateTime()
    due_at = ma.fields.AwareDateTime(metadata={"description": "End of the day; then it is late"})
    closes_at = ma.fields.AwareDateTime(metadata={"description": "Then it is missed"})
    state = ma.fields.String()
    steps = ma.fields.List(ma.fields.Nested(WindowStepOut))
    diary_id = ma.fields.String(allow_none=True)


class PlanOut(ma.Schema):
    """A subject's expected diaries, and how many are in each state."""

    windows = ma.fields.List(ma.fields.Nested(WindowOut))
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())


class SilentOut(ma.Schema):
    """One silent subject, and why they stand where they stand."""

    subject_id = ma.fields.String()
    site = ma.fields.String()
    missing = ma.fields.Integer(metadata={"description": "Diaries in a row whose day is over"})
    last_day = ma.fields.Date(allow_none=True, metadata={"description": "Of the last diary"})
    score = ma.fields.Integer(metadata={"description": "Higher: call first"})
    reasons = ma.fields.List(ma.fields.String())
