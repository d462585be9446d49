"""Subjects in and out; the arm only for those who may see it."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.services.subject import MILESTONES, BaselineLab, Enrolment, SubjectView
from schemas.fields import Day, Number, PlainValues, Zone, plain

_BASELINE = ma.fields.Dict(
    keys=ma.fields.String(validate=validate.Length(1, 64)),
    values=Number(),
    validate=validate.Length(max=40),
    metadata={
        "description": "Baseline facts by name; the name carries the unit",
        "example": {"baseline_stools_per_day": 2, "baseline_weight_kg": 65.5},
    },
)


class BaselineLabIn(ma.Schema):
    """One laboratory result before treatment, in the laboratory's own unit."""

    analyte = ma.fields.String(required=True, validate=validate.Length(1, 64))
    value = Number(required=True, validate=validate.Range(min=0))
    unit = ma.fields.String(required=True, validate=validate.Length(1, 24))
    lln = Number(load_default=None, allow_none=True)
    uln = Number(load_default=None, allow_none=True)
    collected_on = Day(load_default=None, allow_none=True)

    @ma.post_load
    def _lab(self, data: dict[str, Any], **_: object) -> BaselineLab:
        return BaselineLab(**data)


class EnrolmentIn(ma.Schema):
    """A new subject: no name, no e-mail, no date of birth."""

    site = ma.fields.String(
        required=True, validate=validate.Length(1, 16), metadata={"example": "S01"}
    )
    arm = ma.fields.String(required=True, validate=validate.Length(1, 8), metadata={"example": "A"})
    mrf = ma.fields.String(
        required=True,
        validate=validate.Length(1, 16),
        metadata={"description": "Stratum: mesorectal fascia", "example": "positive"},
    )
    zone = Zone(required=True)
    language = ma.fields.String(required=True, validate=validate.Length(2, 8))
    baseline = ma.fields.Dict(
        keys=_BASELINE.key_field,
        values=Number(),
        load_default=dict,
        validate=validate.Length(max=40),
        metadata=_BASELINE.metadata,
    )
    baseline_labs = ma.fields.List(
        ma.fields.Nested(BaselineLabIn), load_default=list, validate=validate.Length(max=60)
    )

    @ma.post_load
    def _enrolment(self, data: dict[str, Any], **_: object) -> Enrolment:
        return Enrolment(**{**data, "baseline_labs": tuple(data["baseline_labs"])})


class BaselineIn(ma.Schema):
    """Baseline values to add or correct, and why."""

    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    baseline = _BASELINE
    reason = ma.fields.String(required=True, validate=validate.Length(3, 500))

    @ma.validates_schema
    def _something(self, data: dict[str, Any], **_: object) -> None:
        if not data.get("baseline"):
            message = "at least one value"
            raise ma.ValidationError(message, "baseline")


class MilestoneIn(ma.Schema):
    """One milestone of the trial's course."""

    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    kind = ma.fields.String(required=True, validate=validate.OneOf(MILESTONES))
    on = Day(required=True)


class MilestoneOut(ma.Schema):
    """One milestone."""

    kind = ma.fields.String()
    on = ma.fields.Date()
    recorded_at = ma.fields.AwareDateTime()
    recorded_by = ma.fields.String()


class SubjectOut(ma.Schema):
    """One subject as the reader may see it."""

    id = ma.fields.String(metadata={"example": "S01-0001"})
    study_id = ma.fields.String()
    study_version = ma.fields.String()
    site = ma.fields.String()
    arm = ma.fields.String(allow_none=True)
    blinded = ma.fields.Boolean()
    mrf = ma.fields.String()
    zone = ma.fields.String()
    language = ma.fields.String()
    baseline = PlainValues()
    baseline_labs = PlainValues()
    milestones = ma.fields.List(ma.fields.Nested(MilestoneOut))
    baseline_changes = ma.fields.List(PlainValues())
    enrolled_at = ma.fields.AwareDateTime()
    rev = ma.fields.Integer()

    @ma.pre_dump
    def _flat(self, view: SubjectView, **_: object) -> dict[str, Any]:
        subject = view.subject
        labs = {
            analyte: {"value": lab.value, "unit": lab.unit, "lln": lab.lln, "uln": lab.uln}
            for analyte, lab in subject.baseline_labs.items()
        }
        changes = [
            {"at": made.at, "by": made.by, "reason": made.reason, "earlier": dict(made.earlier)}
            for made in subject.baseline_changes
        ]
        return {
            **{name: getattr(subject, name) for name in subject.__dataclass_fields__},
            "arm": view.arm,
            "blinded": view.blinded,
            "baseline_labs": plain(labs),
            "baseline_changes": plain(changes),
        }


class SubjectPageOut(ma.Schema):
    """A page of subjects by number."""

    items = ma.fields.List(ma.fields.Nested(SubjectOut))
    next = ma.fields.String(allow_none=True)
