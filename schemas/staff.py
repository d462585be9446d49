"""Staff accounts."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.services.staff import CHANNELS, NewStaff, StaffChange
from schemas.session import PASSWORD, GrantSchema


class StaffIn(ma.Schema):
    """A new account."""

    email = ma.fields.Email(required=True, validate=validate.Length(max=254))
    password = ma.fields.String(required=True, load_only=True, validate=PASSWORD)
    name = ma.fields.String(required=True, validate=validate.Length(1, 100))
    grants = ma.fields.List(
        ma.fields.Nested(GrantSchema), required=True, validate=validate.Length(1, 20)
    )
    channel = ma.fields.String(load_default="console", validate=validate.OneOf(CHANNELS))

    @ma.post_load
    def _new(self, data: dict[str, Any], **_: object) -> NewStaff:
        return NewStaff(**{**data, "grants": tuple(data["grants"])})


class StaffChangeIn(ma.Schema):
    """What changes; what is left out stays."""

    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    grants = ma.fields.List(
        ma.fields.Nested(GrantSchema), load_default=None, validate=validate.Length(1, 20)
    )
    active = ma.fields.Boolean(load_default=None)
    password = ma.fields.String(load_default=None, load_only=True, validate=PASSWORD)

    @ma.post_load
    def _change(self, data: dict[str, Any], **_: object) -> StaffChange:
        grants = data["grants"]
        return StaffChange(**{**data, "grants": None if grants is None else tuple(grants)})


class StaffReachIn(ma.Schema):
    """Where one's own alerts go."""

    channel = ma.fields.String(required=True, validate=validate.OneOf(CHANNELS))
    kind = ma.fields.String(required=True, validate=validate.OneOf(("fid", "token")))
    value = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 4096))


class StaffOut(ma.Schema):
    """One account."""

    id = ma.fields.String()
    email = ma.fields.String()
    name = ma.fields.String()
    grants = ma.fields.List(ma.fields.Nested(GrantSchema))
    active = ma.fields.Boolean()
    channel = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    rev = ma.fields.Integer()


class StaffListOut(ma.Schema):
    """All accounts."""

    items = ma.fields.List(ma.fields.Nested(StaffOut))
