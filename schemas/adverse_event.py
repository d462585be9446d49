"""Adverse events as people read and judge them."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.clinical.adjudication import ACTIONS, OUTCOMES, RELATIONS, SERIOUSNESS
from backend.services.adverse_event import Judgement
from backend.services.sae import NewReport
from schemas.fields import Day

_COMPONENT = ma.fields.String(validate=validate.Length(1, 32))


class NewEventIn(ma.Schema):
    """An event in CDISC's words, judged by whoever sends it, signed with their role."""

    term = ma.fields.String(
        required=True, validate=validate.Length(1, 200), metadata={"example": "Colitis"}
    )
    grade = ma.fields.Integer(required=True, strict=True, validate=validate.Range(1, 5))
    seriousness = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(SERIOUSNESS)),
        required=True,
        metadata={"description": "The criteria of ICH E2A that hold; empty: not serious"},
    )
    relations = ma.fields.Dict(
        keys=_COMPONENT,
        values=ma.fields.String(validate=validate.OneOf(RELATIONS)),
        required=True,
        metadata={"description": "By component", "example": {"ql1706": "RELATED"}},
    )
    actions = ma.fields.Dict(
        keys=_COMPONENT,
        values=ma.fields.String(validate=validate.OneOf(ACTIONS)),
        required=True,
        metadata={"description": "By component", "example": {"ql1706": "DRUG INTERRUPTED"}},
    )
    outcome = ma.fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    special_interest = ma.fields.Boolean(required=True)
    immune_related = ma.fields.Boolean(required=True)
    onset = Day(required=True)
    end = Day(load_default=None, allow_none=True)
    reason = ma.fields.String(required=True, validate=validate.Length(3, 2000))
    aware_at = ma.fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "When the site learned of it; default: now"},
    )

    @ma.post_load
    def _judgement(self, data: dict[str, Any], **_: object) -> Judgement:
        return Judgement(**{**data, "seriousness": tuple(dict.fromkeys(data["seriousness"]))})


class JudgementIn(NewEventIn):
    """A clinician's judgement of a known course; `rev` is the version that it was made on."""

    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class SafetyReportIn(ma.Schema):
    """A report of a serious event that was sent to the sponsor."""

    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    sent_at = ma.fields.AwareDateTime(required=True)
    reference = ma.fields.String(
        required=True,
        validate=validate.Length(1, 100),
        metadata={"description": "Under which the sponsor knows it", "example": "SAE-2026-014"},
    )

    @ma.post_load
    def _report(self, data: dict[str, Any], **_: object) -> NewReport:
        return NewReport(**data)


class SafetyReportOut(ma.Schema):
    """One report that was sent."""

    id = ma.fields.String()
    entered_at = ma.fields.AwareDateTime()
    by = ma.fields.String()
    sent_at = ma.fields.AwareDateTime()
    reference = ma.fields.String()


class GradeSeenOut(ma.Schema):
    """One provisional grade on one day; the assessment explains it."""

    day = ma.fields.Date()
    grade = ma.fields.Integer()
    at_most = ma.fields.Integer(allow_none=True)
    assessment_id = ma.fields.String()
    retracted_by = ma.fields.String(
        allow_none=True,
        metadata={"description": "Assessment of the amended diary: this grade counts no more"},
    )


class AdjudicationOut(ma.Schema):
    """One signed judgement."""

    id = ma.fields.String()
    at = ma.fields.AwareDateTime()
    by = ma.fields.String()
    signed_as = ma.fields.String()
    event_rev = ma.fields.Integer()
    term = ma.fields.String()
    meddra_code = ma.fields.String()
    grade = ma.fields.Integer()
    serious = ma.fields.Boolean()
    seriousness = ma.fields.List(ma.fields.String())
    relations = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    actions = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    outcome = ma.fields.String()
    special_interest = ma.fields.Boolean()
    immune_related = ma.fields.Boolean()
    onset = ma.fields.Date()
    end = ma.fields.Date(allow_none=True)
    reason = ma.fields.String()
    aware_at = ma.fields.AwareDateTime()


class AdverseEventOut(ma.Schema):
    """One course: what the machine saw, and what clinicians judged."""

    id = ma.fields.String()
    subject_id = ma.fields.String()
    site = ma.fields.String()
    term = ma.fields.String()
    meddra_code = ma.fields.String()
    soc = ma.fields.String()
    onset = ma.fields.Date()
    last_seen = ma.fields.Date()
    end = ma.fields.Date(allow_none=True)
    worst_grade = ma.fields.Integer(
        allow_none=True, metadata={"description": "Worst provisional grade; null: none"}
    )
    grades = ma.fields.List(ma.fields.Nested(GradeSeenOut))
    flags = ma.fields.List(ma.fields.String())
    causes = ma.fields.List(ma.fields.String())
    adjudications = ma.fields.List(ma.fields.Nested(AdjudicationOut))
    report_by = ma.fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "Serious: the first report is due; see `reports`"},
    )
    reports = ma.fields.List(ma.fields.Nested(SafetyReportOut))
    rev = ma.fields.Integer()
