"""Adverse events as people read and judge them."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.clinical.adjudication import ACTIONS, OUTCOMES, RELATIONS, SERIOUSNESS
from backend.services.adverse_event import Judgement
from schemas.fields import Day

_COMPONENT = ma.fields.String(validate=validate.Length(1, 32))


class JudgementIn(ma.Schema):
    """A clinician's judgement in CDISC's words; it is signed with the role of the sender."""

    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
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

    @ma.post_load
    def _judgement(self, data: dict[str, Any], **_: object) -> Judgement:
        return Judgement(**{**data, "seriousness": tuple(dict.fromkeys(data["seriousness"]))})


class GradeSeenOut(ma.Schema):
    """One provisional grade on one day; the assessment explains it."""

    day = ma.fields.Date()
    grade = ma.fields.Integer()
    at_most = ma.fields.Integer(allow_none=True)
    assessment_id = ma.fields.String()


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
    worst_grade = ma.fields.Integer(metadata={"description": "Worst provisional grade"})
    grades = ma.fields.List(ma.fields.Nested(GradeSeenOut))
    flags = ma.fields.List(ma.fields.String())
    causes = ma.fields.List(ma.fields.String())
    adjudications = ma.fields.List(ma.fields.Nested(AdjudicationOut))
    report_by = ma.fields.AwareDateTime(allow_none=True)
    rev = ma.fields.Integer()
