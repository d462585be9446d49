"""Alerts on the work list, and a person's answers to them."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.clinical.alerting import STEPS
from backend.services.alert import Answer
from schemas.page import PageQuery

STATES = ("new", "acknowledged", "acted", "closed")


class WorkQuery(PageQuery):
    """Which alerts: by state and site."""

    state = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(STATES)),
        load_default=(),
        metadata={"description": "Default: every state but closed"},
    )
    site = ma.fields.String(load_default=None, validate=validate.Length(1, 16))


class AnswerIn(ma.Schema):
    """One step of a person.

    `acknowledge`: I have it. `act`: what was done. `called`, `not_reached`: the patient was called,
    with what was said. `snooze` until a time, never an emergency. `hand_over` to a colleague, who
    is rung. `comment`. `useful`, `not_useful`: whether it was worth ringing. `close` with the reason.
    """

    step = ma.fields.String(required=True, validate=validate.OneOf(STEPS))
    note = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(3, 2000),
        metadata={"description": "Required but to acknowledge, to mark, or where nobody picked up"},
    )
    until = ma.fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "For snooze"}
    )
    to = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 64),
        metadata={"description": "For hand_over: id of the colleague"},
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
    note = ma.fields.String(
        allow_none=True, metadata={"description": "A person's only where one alert is read alone"}
    )
    sealed = ma.fields.Boolean(
        metadata={
            "description": "There is a note that is not shown; where the alert is read alone: it was "
            "shredded"
        }
    )


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
    assigned_to = ma.fields.String(allow_none=True)
    snoozed_until = ma.fields.AwareDateTime(allow_none=True)
    escalation = ma.fields.Integer(metadata={"description": "Steps of the tier's policy taken"})
    escalate_at = ma.fields.AwareDateTime(allow_none=True)
    useful = ma.fields.Boolean(allow_none=True)
    suppressed = ma.fields.Boolean(metadata={"description": "It did not ring: see suppressions"})
    steps = ma.fields.List(ma.fields.Nested(AlertStepOut))
    rev = ma.fields.Integer()


class AlertPageOut(ma.Schema):
    """A page of the work list."""

    items = ma.fields.List(ma.fields.Nested(AlertOut))
    next = ma.fields.String(allow_none=True)


class GroupOut(ma.Schema):
    """One patient with open alerts."""

    subject_id = ma.fields.String()
    site = ma.fields.String()
    tier = ma.fields.String(metadata={"description": "The most urgent"})
    waiting = ma.fields.Integer(metadata={"description": "Alerts that nobody has taken"})
    raised_at = ma.fields.AwareDateTime(metadata={"description": "Of the oldest"})
    acknowledge_by = ma.fields.AwareDateTime(metadata={"description": "The soonest"})
    alerts = ma.fields.List(ma.fields.Nested(AlertOut))


class RungOut(ma.Schema):
    """One step of an alert's way, oldest first."""

    at = ma.fields.AwareDateTime()
    step = ma.fields.String(metadata={"example": "accepted"})
    by = ma.fields.String(metadata={"description": "Who took it, or whom a message went to"})
    channel = ma.fields.String(allow_none=True)
    note = ma.fields.String(allow_none=True)
