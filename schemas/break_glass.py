"""Emergency access in and out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.models.break_glass import KINDS
from backend.services.break_glass import Emergency

_REASON = validate.Length(10, 2000)


class EmergencyIn(ma.Schema):
    """What must be seen at once, of whom, and why."""

    kind = ma.fields.String(
        required=True,
        validate=validate.OneOf(KINDS),
        metadata={
            "description": "record: read one subject of another site; arm: unblind one subject"
        },
    )
    subject_id = ma.fields.String(
        required=True, validate=validate.Length(1, 64), metadata={"example": "S01-0001"}
    )
    reason = ma.fields.String(required=True, validate=_REASON)

    @ma.post_load
    def _emergency(self, data: dict[str, Any], **_: object) -> Emergency:
        return Emergency(**data)


class BreakGlassReviewIn(ma.Schema):
    """What the review found."""

    finding = ma.fields.String(required=True, validate=_REASON)


class BreakGlassOut(ma.Schema):
    """One emergency access."""

    id = ma.fields.String()
    kind = ma.fields.String()
    subject_id = ma.fields.String()
    site = ma.fields.String()
    staff_id = ma.fields.String()
    role = ma.fields.String()
    reason = ma.fields.String()
    opened_at = ma.fields.AwareDateTime()
    until = ma.fields.AwareDateTime()
    reviewed_at = ma.fields.AwareDateTime(allow_none=True)
    reviewed_by = ma.fields.String(allow_none=True)
    finding = ma.fields.String(allow_none=True)


class BreakGlassListOut(ma.Schema):
    """Every emergency access, the newest first."""

    items = ma.fields.List(ma.fields.Nested(BreakGlassOut))
