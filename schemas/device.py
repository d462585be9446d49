"""Patients' phones: where and when they are reminded, and what staff see of them."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.services.device import PhoneReach
from schemas.fields import PUSH_KINDS, PUSHED_TO

# The length beside `$`, which in Python also stands before a last line break.
_TIME_OF_DAY = (
    validate.Regexp("^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    validate.Length(equal=5),
)
_TIME = {
    "description": "HH:MM in the subject's zone; null: the study's usual time",
    "example": "19:30",
}


class DeviceReachIn(ma.Schema):
    """Where reminders go, and when in the patient's day."""

    kind = ma.fields.String(
        required=True, validate=validate.OneOf(PUSH_KINDS), metadata={"description": PUSHED_TO}
    )
    value = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 4096))
    reminder_time = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=_TIME_OF_DAY,
        metadata=_TIME,
    )

    @ma.post_load
    def _reach(self, data: dict[str, Any], **_: object) -> PhoneReach:
        return PhoneReach(**data)


class ReminderTimeIn(ma.Schema):
    """When in the patient's day this phone is reminded."""

    reminder_time = ma.fields.String(
        required=True, allow_none=True, validate=_TIME_OF_DAY, metadata=_TIME
    )


class DeviceOut(ma.Schema):
    """One phone; its push address is not shown."""

    id = ma.fields.String()
    subject_id = ma.fields.String(metadata={"example": "S01-0001"})
    label = ma.fields.String(metadata={"example": "phone"})
    activated_at = ma.fields.AwareDateTime()
    revoked_at = ma.fields.AwareDateTime(allow_none=True)
    revoked_why = ma.fields.String(
        allow_none=True,
        metadata={"description": "revoked by staff, signed off, or reuse of a used-up token"},
    )
    push_kind = ma.fields.String(allow_none=True, metadata={"description": "null: no address"})
    push_dead_at = ma.fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the push service said it is gone"}
    )
    reminder_time = ma.fields.String(allow_none=True, metadata={"example": "19:30"})
    bound = ma.fields.Boolean(
        metadata={
            "description": "Its tokens are good only with a key that the phone keeps to itself"
        }
    )


class DevicesOut(ma.Schema):
    """A subject's phones."""

    items = ma.fields.List(ma.fields.Nested(DeviceOut))


class UnreachableOut(ma.Schema):
    """One recipient with no reachable device."""

    kind = ma.fields.String(metadata={"description": "subject or staff"})
    id = ma.fields.String()
    site = ma.fields.String(allow_none=True)
    reason = ma.fields.String(metadata={"example": "push address is dead"})
    since = ma.fields.AwareDateTime(allow_none=True)
