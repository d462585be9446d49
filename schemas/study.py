"""The study's configuration as read."""

import marshmallow as ma

from schemas.fields import Number


class ComponentOut(ma.Schema):
    """One part of the treatment."""

    name = ma.fields.String()
    unit = ma.fields.String()
    plan = ma.fields.String()


class ArmOut(ma.Schema):
    """One arm and its blocks in order."""

    title = ma.fields.String()
    plan = ma.fields.List(ma.fields.String())


class SiteOut(ma.Schema):
    """One hospital."""

    name = ma.fields.String()
    zone = ma.fields.String()
    languages = ma.fields.List(ma.fields.String())


class RangeOut(ma.Schema):
    """A laboratory's limits."""

    analyte = ma.fields.String()
    unit = ma.fields.String()
    lln = Number(allow_none=True)
    uln = Number(allow_none=True)
    site = ma.fields.String(allow_none=True)


class StudyOut(ma.Schema):
    """One version of the configuration."""

    id = ma.fields.String()
    version = ma.fields.String()
    title = ma.fields.String()
    phase = ma.fields.String()
    ctcae = ma.fields.String()
    languages = ma.fields.List(ma.fields.String())
    strata = ma.fields.List(ma.fields.String())
    safety_window_days = ma.fields.Integer()
    special_interest_window_days = ma.fields.Integer()
    gap_days = ma.fields.Integer()
    components = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(ComponentOut))
    arms = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(ArmOut))
    sites = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(SiteOut))
    ranges = ma.fields.List(ma.fields.Nested(RangeOut))
