"""Signing in and out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.access import Grant, Role
from backend.services.password import LONGEST, SHORTEST
from schemas.fields import Flag

# What else it may be: `backend/services/password.py`.
PASSWORD = validate.Length(SHORTEST, LONGEST)


class SignInIn(ma.Schema):
    """E-mail and password of a member of staff."""

    email = ma.fields.String(
        required=True,
        validate=validate.Length(3, 254),
        metadata={"example": "nurse.s01@demo.example"},
    )
    password = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 128))
    code = ma.fields.String(
        load_default=None,
        allow_none=True,
        load_only=True,
        validate=validate.Length(6, 20),
        metadata={"description": "Where the answer was `second-factor-needed`; or a recovery code"},
    )


class RefreshIn(ma.Schema):
    """The refresh token that is good now."""

    refresh_token = ma.fields.String(
        required=True, load_only=True, validate=validate.Length(1, 200)
    )


class TokensOut(ma.Schema):
    """A short access token, and the token that gets the next pair."""

    access_token = ma.fields.String(
        metadata={"description": "Send as `Authorization: Bearer …`; holds no name, role or site"}
    )
    expires_in = ma.fields.Integer(metadata={"description": "Seconds", "example": 900})
    refresh_token = ma.fields.String(
        metadata={"description": "Good for one use at `POST /sessions/refresh`; keep it secret"}
    )
    token_type = ma.fields.String(
        metadata={"description": "Bearer, or DPoP: good only with a proof of the phone's key"}
    )


class GrantSchema(ma.Schema):
    """One role at one site (null: every site); `unblinded` may see the arm."""

    role = ma.fields.String(required=True, validate=validate.OneOf([str(role) for role in Role]))
    site = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 16),
        metadata={"example": "S01"},
    )
    unblinded = Flag(load_default=False)

    @ma.post_load
    def _grant(self, data: dict[str, Any], **_: object) -> Grant:
        return Grant(Role(data["role"]), data["site"], data["unblinded"])


class WhoOut(ma.Schema):
    """Who is asking, and what they may do where."""

    id = ma.fields.String()
    subject_id = ma.fields.String(
        allow_none=True, metadata={"description": "A patient's phone: for whom it writes"}
    )
    # An emergency's would read as a role at another site: a page would offer its whole work list.
    grants = ma.fields.List(ma.fields.Nested(GrantSchema), attribute="standing")


class SessionOut(ma.Schema):
    """One sign-in that is still good."""

    id = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    used_at = ma.fields.AwareDateTime(
        metadata={
            "description": "Last used then, or up to an access token's life (`expires_in`) later"
        }
    )
    expires_at = ma.fields.AwareDateTime()
    client = ma.fields.String(
        allow_none=True,
        metadata={
            "description": "Kind of client that it was begun from; null: unknown",
            "example": "Firefox on Windows",
        },
    )
    current = ma.fields.Boolean(metadata={"description": "The sign-in that asks"})


class SessionsOut(ma.Schema):
    """A person's sign-ins."""

    items = ma.fields.List(ma.fields.Nested(SessionOut))


class SessionsEndedOut(ma.Schema):
    """How many sign-ins were ended."""

    ended = ma.fields.Integer()
