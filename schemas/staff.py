"""Staff accounts."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.services.account import StaffReach
from backend.services.reach import PUSH_CHANNELS, push_channel
from backend.services.staff import CHANNELS, NewStaff, StaffChange
from schemas.fields import PUSH_KINDS, PUSHED_TO, Flag
from schemas.session import PASSWORD, GrantSchema

_REV = {"description": "The `rev` of the account as it was read; another one is a 412"}


class StaffIn(ma.Schema):
    """A new account."""

    email = ma.fields.Email(
        required=True,
        validate=validate.Length(max=254),
        metadata={"example": "nurse.s01@demo.example"},
    )
    password = ma.fields.String(required=True, load_only=True, validate=PASSWORD)
    name = ma.fields.String(required=True, validate=validate.Length(1, 100))
    grants = ma.fields.List(
        ma.fields.Nested(GrantSchema), required=True, validate=validate.Length(1, 20)
    )
    channel = ma.fields.String(
        load_default="console",
        validate=validate.OneOf(CHANNELS),
        metadata={"description": "How alerts reach this person"},
    )

    @ma.post_load
    def _new(self, data: dict[str, Any], **_: object) -> NewStaff:
        return NewStaff(**{**data, "grants": tuple(data["grants"])})


class StaffChangeIn(ma.Schema):
    """What changes; what is left out stays."""

    rev = ma.fields.Integer(
        required=True, strict=True, validate=validate.Range(min=0), metadata=_REV
    )
    grants = ma.fields.List(
        ma.fields.Nested(GrantSchema), load_default=None, validate=validate.Length(1, 20)
    )
    active = Flag(
        load_default=None, metadata={"description": "false shuts the account and ends its sign-ins"}
    )
    password = ma.fields.String(load_default=None, load_only=True, validate=PASSWORD)

    @ma.post_load
    def _change(self, data: dict[str, Any], **_: object) -> StaffChange:
        grants = data["grants"]
        return StaffChange(**{**data, "grants": None if grants is None else tuple(grants)})


class StaffReachIn(ma.Schema):
    """Where one's own alerts go; `fcm` and `webpush` need an address of their kind."""

    channel = ma.fields.String(required=True, validate=validate.OneOf(CHANNELS))
    kind = ma.fields.String(
        load_default=None,
        validate=validate.OneOf(PUSH_KINDS),
        metadata={"description": PUSHED_TO},
    )
    value = ma.fields.String(load_default=None, load_only=True, validate=validate.Length(1, 4096))

    @ma.validates_schema(skip_on_field_errors=True)
    def _complete(self, data: dict[str, Any], **_: object) -> None:
        if (data["kind"] is None) != (data["value"] is None):
            message = "kind and value come together"
            raise ma.ValidationError(message, "kind" if data["kind"] is None else "value")
        channel = data["channel"]
        if channel in PUSH_CHANNELS and data["value"] is None:
            message = f"{channel} needs an address"
            raise ma.ValidationError(message, "value")
        if channel in PUSH_CHANNELS and push_channel(data["kind"]) != channel:
            message = f"{channel} does not push to this kind of address"
            raise ma.ValidationError(message, "kind")

    @ma.post_load
    def _reach(self, data: dict[str, Any], **_: object) -> StaffReach:
        return StaffReach(**data)


class PasswordIn(ma.Schema):
    """One's own password, as it is and as it shall be."""

    old = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 128))
    new = ma.fields.String(required=True, load_only=True, validate=PASSWORD)


class StaffOut(ma.Schema):
    """One account."""

    id = ma.fields.String()
    email = ma.fields.String()
    name = ma.fields.String()
    grants = ma.fields.List(ma.fields.Nested(GrantSchema))
    active = ma.fields.Boolean()
    channel = ma.fields.String()
    push_kind = ma.fields.String(
        allow_none=True, metadata={"description": "null: no phone, no page"}
    )
    created_at = ma.fields.AwareDateTime()
    rev = ma.fields.Integer()


class StaffListOut(ma.Schema):
    """Accounts by e-mail."""

    items = ma.fields.List(ma.fields.Nested(StaffOut))
