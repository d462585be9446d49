"""Duty rosters in and out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.duty import DAYS
from backend.services.roster import ROLES, NewShift
from schemas.fields import Day

_TIME = validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d\Z", error="a time of day such as 19:00")
_SITE = validate.Length(1, 16)


class SiteQuery(ma.Schema):
    """Which site."""

    site = ma.fields.String(required=True, validate=_SITE)


class DutyQuery(SiteQuery):
    """Which site, and when."""

    at = ma.fields.AwareDateTime(load_default=None, metadata={"description": "Default: now"})


class ShiftIn(ma.Schema):
    """One person's weekly hours, by the clock on the site's wall."""

    site = ma.fields.String(required=True, validate=_SITE)
    staff_id = ma.fields.String(required=True, validate=validate.Length(1, 64))
    role = ma.fields.String(required=True, validate=validate.OneOf([str(role) for role in ROLES]))
    days = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(DAYS)),
        required=True,
        validate=validate.Length(1, len(DAYS)),
        metadata={"description": "A holiday of the site counts as `holiday` alone"},
    )
    begins = ma.fields.String(required=True, validate=_TIME, metadata={"example": "08:00"})
    ends = ma.fields.String(
        required=True,
        validate=_TIME,
        metadata={"description": "At or before `begins`: on the next day", "example": "16:30"},
    )
    since = Day(load_default=None, allow_none=True)
    until = Day(load_default=None, allow_none=True)

    @ma.post_load
    def _shift(self, data: dict[str, Any], **_: object) -> NewShift:
        return NewShift(**{**data, "days": tuple(dict.fromkeys(data["days"]))})


class ShiftOut(ma.Schema):
    """One shift of the roster."""

    id = ma.fields.String()
    site = ma.fields.String()
    staff_id = ma.fields.String()
    role = ma.fields.String()
    days = ma.fields.List(ma.fields.String())
    begins = ma.fields.String()
    ends = ma.fields.String()
    since = ma.fields.Date(allow_none=True)
    until = ma.fields.Date(allow_none=True)
    made_at = ma.fields.AwareDateTime()
    made_by = ma.fields.String()


class OnDutyOut(ma.Schema):
    """Who is on duty; where nobody is, the whole site is rung."""

    site = ma.fields.String()
    at = ma.fields.AwareDateTime()
    nurses = ma.fields.List(ma.fields.String())
    investigators = ma.fields.List(ma.fields.String())
