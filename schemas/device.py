"""Patients' phones: codes, activation, push address."""

import marshmallow as ma
from marshmallow import validate

from schemas.session import TokensOut


class CodeOut(ma.Schema):
    """A one-time code; it is shown once."""

    code = ma.fields.String(metadata={"example": "7F3K-9Q2M-XW4D"})
    subject_id = ma.fields.String()
    expires_at = ma.fields.AwareDateTime()


class ActivationIn(ma.Schema):
    """The code as typed or scanned, and what the phone calls itself."""

    code = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 40))
    label = ma.fields.String(load_default="phone", validate=validate.Length(1, 60))


class ActivatedOut(ma.Schema):
    """What the phone keeps."""

    device_id = ma.fields.String()
    subject_id = ma.fields.String()
    language = ma.fields.String()
    tokens = ma.fields.Nested(TokensOut)


class DeviceReachIn(ma.Schema):
    """Where reminders go, and when in the patient's day."""

    kind = ma.fields.String(required=True, validate=validate.OneOf(("fid", "token")))
    value = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 4096))
    reminder_time = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d\Z"),
        metadata={"example": "19:30"},
    )


class DeviceOut(ma.Schema):
    """One phone; its push address is not shown."""

    id = ma.fields.String()
    subject_id = ma.fields.String()
    label = ma.fields.String()
    activated_at = ma.fields.AwareDateTime()
    revoked_at = ma.fields.AwareDateTime(allow_none=True)
    push_kind = ma.fields.String(allow_none=True)
    push_dead_at = ma.fields.AwareDateTime(allow_none=True)
    reminder_time = ma.fields.String(allow_none=True)


class DevicesOut(ma.Schema):
    """A subject's phones."""

    items = ma.fields.List(ma.fields.Nested(DeviceOut))
