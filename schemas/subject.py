"""Subjects in and out; the arm only for those who may see it."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.clinical.milestones import MILESTONES, STATUSES
from backend.services.baseline import BaselineLab
from backend.services.sample import Reported
from backend.services.subject import Enrolment, SubjectView
from backend.services.subject_change import Correction, NewMilestone
from schemas.answer import Answer
from schemas.fields import Day, Number, PlainValues, Zone, plain

_REASON = validate.Length(3, 500)


def _baseline() -> ma.fields.Dict:
    return ma.fields.Dict(
        keys=ma.fields.String(validate=validate.Length(1, 64)),
        values=Answer(),
        load_default=dict,
        validate=validate.Length(max=40),
        metadata={
            "description": "What was known before treatment, by fact; the name carries the unit",
            "example": {
                "baseline_stools_per_day": 2,
                "baseline_weight_kg": 65.5,
                "sex": "female",
                "on_anticoagulation": False,
            },
        },
    )


class BaselineLabIn(ma.Schema):
    """One laboratory result before treatment, in the laboratory's own unit."""

    analyte = ma.fields.String(
        required=True, validate=validate.Length(1, 64), metadata={"example": "ALT"}
    )
    value = Number(required=True, metadata={"example": 21})
    unit = ma.fields.String(
        required=True, validate=validate.Length(1, 24), metadata={"example": "U/L"}
    )
    lln = Number(load_default=None, allow_none=True)
    uln = Number(load_default=None, allow_none=True)
    collected_on = Day(load_default=None, allow_none=True)

    @ma.post_load
    def _lab(self, data: dict[str, Any], **_: object) -> BaselineLab:
        collected_on = data.pop("collected_on")
        return BaselineLab(Reported(**data), collected_on)


def _baseline_labs() -> ma.fields.List[BaselineLab]:
    return ma.fields.List(
        ma.fields.Nested(BaselineLabIn), load_default=list, validate=validate.Length(max=60)
    )


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
    language = ma.fields.String(
        required=True, validate=validate.Length(2, 8), metadata={"example": "zh"}
    )
    baseline = _baseline()
    baseline_labs = _baseline_labs()

    @ma.post_load
    def _enrolment(self, data: dict[str, Any], **_: object) -> Enrolment:
        return Enrolment(**{**data, "baseline_labs": tuple(data["baseline_labs"])})


class CorrectionIn(ma.Schema):
    """What is added or corrected, and why; what is left out stays as it is."""

    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    reason = ma.fields.String(required=True, validate=_REASON)
    baseline = _baseline()
    baseline_labs = _baseline_labs()
    zone = Zone(load_default=None)
    language = ma.fields.String(load_default=None, validate=validate.Length(2, 8))

    @ma.post_load
    def _correction(self, data: dict[str, Any], **_: object) -> Correction:
        if not any(data[name] for name in ("baseline", "baseline_labs", "zone", "language")):
            message = "at least one of baseline, baseline_labs, zone and language is expected"
            raise ma.ValidationError(message)
        return Correction(**{**data, "baseline_labs": tuple(data["baseline_labs"])})


class MilestoneIn(ma.Schema):
    """One milestone of the trial's course; with a reason, a correction of its day."""

    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    kind = ma.fields.String(required=True, validate=validate.OneOf(MILESTONES))
    on = Day(required=True)
    reason = ma.fields.String(load_default=None, allow_none=True, validate=_REASON)

    @ma.post_load
    def _new(self, data: dict[str, Any], **_: object) -> NewMilestone:
        return NewMilestone(**data)


class MilestoneOut(ma.Schema):
    """One milestone; a later one of the same kind corrects it."""

    kind = ma.fields.String()
    on = ma.fields.Date()
    recorded_at = ma.fields.AwareDateTime()
    recorded_by = ma.fields.String()
    reason = ma.fields.String(allow_none=True)


class SubjectOut(ma.Schema):
    """One subject as the reader may see it; where `blinded`, days that tell the arm are left out."""

    id = ma.fields.String(metadata={"example": "S01-0001"})
    study_id = ma.fields.String()
    study_version = ma.fields.String()
    site = ma.fields.String()
    arm = ma.fields.String(allow_none=True)
    blinded = ma.fields.Boolean()
    mrf = ma.fields.String()
    zone = ma.fields.String()
    language = ma.fields.String()
    status = ma.fields.String(validate=validate.OneOf(STATUSES))
    baseline = PlainValues()
    baseline_labs = PlainValues()
    milestones = ma.fields.List(ma.fields.Nested(MilestoneOut))
    changes = ma.fields.List(
        PlainValues(), metadata={"description": "Earlier values, with when, who and why"}
    )
    enrolled_at = ma.fields.AwareDateTime()
    rev = ma.fields.Integer()

    @ma.pre_dump
    def _flat(self, view: SubjectView, **_: object) -> dict[str, Any]:
        subject = view.subject
        changes = [
            {
                "at": made.at,
                "by": made.by,
                "reason": made.reason,
                "earlier": dict(made.earlier),
                "earlier_labs": _labs(made.earlier_labs),
            }
            for made in subject.changes
        ]
        return {
            **{name: getattr(subject, name) for name in subject.__dataclass_fields__},
            "arm": view.arm,
            "blinded": view.blinded,
            "status": view.status,
            "milestones": view.milestones,
            "baseline": dict(subject.baseline),
            "baseline_labs": _labs(subject.baseline_labs),
            "changes": plain(changes),
        }


def _labs(labs: Any) -> dict[str, Any]:  # noqa: ANN401 - a mapping of LabValue
    names = ("value", "unit", "lln", "uln", "collected_on")
    return {
        analyte: {name: plain(getattr(lab, name)) for name in names}
        for analyte, lab in labs.items()
    }


class SubjectPageOut(ma.Schema):
    """A page of subjects by number."""

    items = ma.fields.List(ma.fields.Nested(SubjectOut))
    next = ma.fields.String(allow_none=True)
