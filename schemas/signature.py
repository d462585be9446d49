"""Electronic signatures in and out."""

import marshmallow as ma
from marshmallow import validate

from backend.services.signature import KINDS, MEANINGS


class SignatureIn(ma.Schema):
    """The version that was read, what the signature means, and one's password once more."""

    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    meaning = ma.fields.String(
        required=True,
        validate=validate.OneOf(list(MEANINGS)),
        metadata={"description": "; ".join(f"{word}: {text}" for word, text in MEANINGS.items())},
    )
    code = ma.fields.String(
        load_default=None, allow_none=True, load_only=True, validate=validate.Length(6, 20)
    )
    password = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 128))


class SignaturesQuery(ma.Schema):
    """Whose signatures are looked for."""

    kind = ma.fields.String(required=True, validate=validate.OneOf(KINDS))
    target_id = ma.fields.String(required=True, validate=validate.Length(1, 120))


class SignatureRecordOut(ma.Schema):
    """Who signed, when, as what, and what it means."""

    id = ma.fields.String()
    kind = ma.fields.String()
    target_id = ma.fields.String()
    rev = ma.fields.Integer()
    content_sha256 = ma.fields.String()
    meaning = ma.fields.String()
    says = ma.fields.Function(
        lambda one: MEANINGS[one.meaning],
        metadata={"type": "string", "description": "The meaning in words"},
    )
    signed_by = ma.fields.String()
    name = ma.fields.String(metadata={"description": "Printed name, as it was"})
    signed_as = ma.fields.String()
    at = ma.fields.AwareDateTime()
    site = ma.fields.String(allow_none=True)
    subject_id = ma.fields.String(allow_none=True)


class SignedOut(ma.Schema):
    """A signature, and whether it still holds."""

    signature = ma.fields.Nested(SignatureRecordOut)
    valid = ma.fields.Boolean(
        metadata={"description": "False: it was changed since; this is an earlier version's"}
    )


class SignedListOut(ma.Schema):
    """The signatures of one thing, the oldest first."""

    items = ma.fields.List(ma.fields.Nested(SignedOut))
