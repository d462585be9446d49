"""Signing in and out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.access import Grant, Role

PASSWORD = validate.Length(12, 128)


class SignInIn(ma.Schema):
    """E-mail and password of a member of staff."""

    email = ma.fields.String(required=True, validate=validate.Length(3, 254))
    password = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 128))


class RefreshIn(ma.Schema):
    """The refresh token that is good now."""

    refresh_token = ma.fields.String(
        required=True, load_only=True, validate=validate.Length(1, 200)
    )


class TokensOut(ma.Schema):
    """A short access token, and the token that gets the next pair."""

    access_token = ma.fields.String()
    expires_in = ma.fields.Integer(metadata={"description": "Seconds"})
    refresh_token = ma.fields.String()
    token_type = ma.fields.Constant("Bearer")


class GrantSchema(ma.Schema):
    """One role at one site (null: every site); `unblinded` may see the arm."""

    role = ma.fields.String(
        required=True,
        validate=validate.OneOf(
            ("nurse", "investigator", "safety_reviewer", "data_manager", "administrator", "patient")
        ),
    )
    site = ma.fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 16))
    unblinded = ma.fields.Boolean(load_default=False)

    @ma.post_load
    def _grant(self, data: dict[str, Any], **_: object) -> Grant:
        return Grant(Role(data["role"]), data["site"], data["unblinded"])


class WhoOut(ma.Schema):
    """Who is asking, and what they may do where."""

    id = ma.fields.String()
    subject_id = ma.fields.String(allow_none=True)
    grants = ma.fields.List(ma.fields.Nested(GrantSchema))


class SessionOut(ma.Schema):
    """One sign-in that is still good."""

    id = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    rotated_at = ma.fields.AwareDateTime()
    expires_at = ma.fields.AwareDateTime()


class SessionsOut(ma.Schema):
    """A person's sign-ins."""

    items = ma.fields.List(ma.fields.Nested(SessionOut))
