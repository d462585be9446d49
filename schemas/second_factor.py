"""The second factor of staff, in and out."""

import marshmallow as ma
from marshmallow import validate

CODE = validate.Length(6, 20)


class FactorOut(ma.Schema):
    """Whether a code is asked for at sign-in."""

    totp = ma.fields.Boolean()


class FactorEnrolmentIn(ma.Schema):
    """Password once more: an access token alone must not shut its owner out."""

    password = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 128))


class FactorEnrolmentOut(ma.Schema):
    """What an authenticator app reads; it is shown once."""

    secret = ma.fields.String(metadata={"description": "Base32, for typing"})
    uri = ma.fields.String(metadata={"description": "otpauth URI, for a QR code"})


class FactorCodeIn(ma.Schema):
    """A code of the app."""

    code = ma.fields.String(required=True, load_only=True, validate=CODE)


class RecoveryCodesOut(ma.Schema):
    """Each is good once instead of a code; they are never shown again."""

    recovery_codes = ma.fields.List(ma.fields.String())


class FactorRemovalIn(ma.Schema):
    """Password and code once more."""

    password = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 128))
    code = ma.fields.String(required=True, load_only=True, validate=CODE)
