"""Alerts on the work list, and a person's answers to them."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.services.alert import Answer
from schemas.page import PageQuery

STATES = ("new", "acknowledged", "acted", "closed")
STEPS = ("acknowledge", "act", "close")


class WorkQuery(PageQuery):
    """Which alerts: by state and site."""

    state = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(STATES)),
        load_default=(),
        metadata={"description": "Default: every state but closed"},
    )
    site = ma.fields.String(load_default=None, validate=validate.Length(1, 16))


class AnswerIn(ma.Schema):
    """One step: acknowledge (I have it), act (what was done), close (with the reason)."""

    step = ma.fields.String(required=True, validate=validate.OneOf(STEPS))
    note = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(3, 2000),
        metadata={"description": "Required to act and to close"},
    )
    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))

    @ma.post_load
    def _answer(self, data: dict[str, Any], **_: object) -> Answer:
        return Answer(**data)


class AlertStepOut(ma.Schema):
    """One step with its time and who took it."""

    at = ma.fields.AwareDateTime()
    step = ma.fields.String()
    by = ma.fields.String()
    note = ma.fields.String(allow_none=True)


class AlertOut(ma.Schema):
    """One alert: whom it is about, how urgent, why, and who has it."""

    id = ma.fields.String()
    subject_id = ma.fields.String()
    site = ma.fields.String()
    flag_id = ma.fields.String(metadata={"example": "COLITIS_SUSPECT"})
    tier = ma.fields.String(metadata={"example": "urgent"})
    state = ma.fields.String()
    title = ma.fields.String()
    reason = ma.fields.String()
    assessment_ids = ma.fields.List(ma.fields.String())
    raised_at = ma.fields.AwareDateTime()
    rung_at = ma.fields.AwareDateTime()
    acknowledge_by = ma.fields.AwareDateTime()
    acknowledged_at = ma.fields.AwareDateTime(allow_none=True)
    acknowledged_by = ma.fields.String(allow_none=True)
    event_id = ma.fields.String(allow_none=True, metadata={"description": "Adverse event"})
    report_by = ma.fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "Serious adverse event: its report is due; only that closes it"},
    )
    steps = ma.fields.List(ma.fields.Nested(AlertStepOut))
    rev = ma.fields.Integer()


class AlertPageOut(ma.Schema):
    """A page of the work list."""

    items = ma.fields.List(ma.fields.Nested(AlertOut))
    next = ma.fields.String(allow_none=True)
