"""The study at a glance, out."""

import marshmallow as ma
from marshmallow import validate

from schemas.listing import CUT
from schemas.table import TableOut

_PERCENT = {"description": "null: nothing to count"}


class OverviewQuery(ma.Schema):
    """From where."""

    cut = ma.fields.String(load_default=None, validate=validate.Length(1, 64), metadata=CUT)


class SiteCountOut(ma.Schema):
    """One site."""

    site = ma.fields.String()
    enrolled = ma.fields.Integer()
    treated = ma.fields.Integer()
    statuses = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    diaries_over = ma.fields.Integer()
    diaries_done = ma.fields.Integer()
    percent_done = ma.fields.Float(allow_none=True, metadata=_PERCENT)


class MonthCountOut(ma.Schema):
    """One month."""

    month = ma.fields.String(metadata={"example": "2026-11"})
    enrolled = ma.fields.Integer()
    so_far = ma.fields.Integer()


class ComponentCountOut(ma.Schema):
    """One component."""

    component = ma.fields.String()
    subjects = ma.fields.Integer()
    administrations = ma.fields.Integer(metadata={"description": "By mouth: runs of days"})


class GroupCountOut(ma.Schema):
    """Patients with an event of a group, each once."""

    group = ma.fields.String()
    patients = ma.fields.Integer(
        allow_none=True, metadata={"description": "null: a small cell, hidden"}
    )
    severe = ma.fields.Integer(allow_none=True, metadata={"description": "Grade 3 or more"})
    percent = ma.fields.Float(allow_none=True, metadata=_PERCENT)
    percent_severe = ma.fields.Float(allow_none=True, metadata=_PERCENT)


class OverviewOut(TableOut):
    """Both arms together; the arms apart are behind the tables' own gate."""

    planned_arms = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    enrolled = ma.fields.Integer()
    treated = ma.fields.Integer()
    sites = ma.fields.List(ma.fields.Nested(SiteCountOut))
    months = ma.fields.List(ma.fields.Nested(MonthCountOut))
    components = ma.fields.List(ma.fields.Nested(ComponentCountOut))
    groups = ma.fields.List(ma.fields.Nested(GroupCountOut))
