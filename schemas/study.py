"""The study's configuration as read."""

import marshmallow as ma

from schemas.fields import Number


class ComponentOut(ma.Schema):
    """One part of the treatment; what of it is only assumed says `assumption`."""

    name = ma.fields.String()
    route = ma.fields.String(metadata={"description": "infusion, oral or radiation"})
    unit = ma.fields.String()
    dose = Number(metadata={"description": "In `unit`, per kg, m2, day or fraction", "example": 5})
    per = ma.fields.String()
    times_per_day = ma.fields.Integer()
    days = ma.fields.List(
        ma.fields.Integer(),
        allow_none=True,
        metadata={"description": "First and last day of a cycle", "example": [1, 14]},
    )
    fractions = ma.fields.Integer(allow_none=True)
    plan = ma.fields.String()
    assumption = ma.fields.String(allow_none=True)
    source = ma.fields.String()


class ArmOut(ma.Schema):
    """One arm and its blocks in order."""

    title = ma.fields.String()
    ratio = ma.fields.Integer(metadata={"description": "Share of the randomisation"})
    plan = ma.fields.List(ma.fields.String())


class SiteOut(ma.Schema):
    """One hospital."""

    name = ma.fields.String()
    zone = ma.fields.String(metadata={"example": "Asia/Shanghai"})
    languages = ma.fields.List(ma.fields.String())
    phone = ma.fields.String(
        allow_none=True, metadata={"description": "For its patients", "example": "+86 10 5555 0100"}
    )
    emergency_phone = ma.fields.String(allow_none=True, metadata={"example": "120"})


class DiaryPlanOut(ma.Schema):
    """What the diary asks every day and every week."""

    recall_hours = ma.fields.Integer()
    reminder_at = ma.fields.Time(
        format="%H:%M", metadata={"description": "In the patient's zone", "example": "19:00"}
    )
    daily = ma.fields.List(ma.fields.String(), attribute="plan.daily")
    weekly = ma.fields.List(ma.fields.String(), attribute="plan.weekly")
    vitals = ma.fields.List(ma.fields.String())


class RangeOut(ma.Schema):
    """A laboratory's limits; `sex` or `site` null: for anybody, for every site."""

    analyte = ma.fields.String()
    unit = ma.fields.String()
    lln = Number(allow_none=True)
    uln = Number(allow_none=True)
    sex = ma.fields.String(allow_none=True)
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
    cycle_days = ma.fields.Integer()
    safety_window_days = ma.fields.Integer()
    special_interest_window_days = ma.fields.Integer()
    gap_days = ma.fields.Integer(
        metadata={"description": "Days without a symptom after which it is a new course"}
    )
    arm_seen_by = ma.fields.List(ma.fields.String())
    components = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(ComponentOut))
    arms = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(ArmOut))
    sites = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(SiteOut))
    diary = ma.fields.Nested(DiaryPlanOut)
    ranges = ma.fields.List(ma.fields.Nested(RangeOut))


class StudyVersionOut(ma.Schema):
    """One version that was ever loaded."""

    id = ma.fields.String()
    study_id = ma.fields.String()
    loaded_at = ma.fields.AwareDateTime()


class StudyFileOut(StudyVersionOut):
    """One version with the file as it was loaded."""

    content = ma.fields.String(metadata={"description": "TOML"})


class StudyVersionsOut(ma.Schema):
    """Every version that was ever loaded, oldest first."""

    items = ma.fields.List(ma.fields.Nested(StudyVersionOut))
    next = ma.fields.String(allow_none=True)
