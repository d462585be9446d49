"""One-time codes, and the activation of a patient's phone by one."""

import marshmallow as ma
from marshmallow import validate

from schemas.session import TokensOut


class CodeOut(ma.Schema):
    """A one-time code; it is shown this once."""

    code = ma.fields.String(
        metadata={
            "description": "Crockford base 32: no I, L, O, U; dashes and case do not matter",
            "example": "7F3K-9Q2M-XW4D",
        }
    )
    subject_id = ma.fields.String(metadata={"example": "S01-0001"})
    expires_at = ma.fields.AwareDateTime(metadata={"example": "2026-03-05T08:00:00+00:00"})


class ActivationIn(ma.Schema):
    """The code as typed or scanned, and what the phone calls itself."""

    code = ma.fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(1, 40),
        metadata={"example": "7F3K-9Q2M-XW4D"},
    )
    label = ma.fields.String(
        load_default="phone",
        validate=validate.Length(1, 60),
        metadata={"description": "Shown to staff; no name of a person", "example": "phone"},
    )


class ActivatedOut(ma.Schema):
    """What the phone keeps."""

    device_id = ma.fields.String()
    subject_id = ma.fields.String(metadata={"example": "S01-0001"})
    language = ma.fields.String(metadata={"example": "zh"})
    zone = ma.fields.String(
        metadata={"description": "The subject's IANA time zone", "example": "Asia/Shanghai"}
    )
    tokens = ma.fields.Nested(TokensOut)
