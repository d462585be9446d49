"""PRO scores over time."""

import marshmallow as ma
from marshmallow import validate

from schemas.fields import Number

_NAME = validate.Length(1, 64)


def _threshold() -> ma.fields.Integer:
    return ma.fields.Integer(
        load_default=3,
        validate=validate.Range(1, 4),
        metadata={"description": "Score that counts as severe: 3 of 4, or of a composite's 3"},
    )


class ScoresQuery(ma.Schema):
    """Which symptoms, and from which score on an event counts."""

    symptom = ma.fields.List(
        ma.fields.String(validate=_NAME),
        load_default=(),
        metadata={"description": "Ids from GET /instruments/diary; default: all"},
    )
    threshold = _threshold()


class CohortQuery(ma.Schema):
    """Which measure of which symptom."""

    symptom = ma.fields.String(required=True, validate=_NAME)
    measure = ma.fields.String(
        load_default="composite",
        validate=_NAME,
        metadata={"description": "An attribute of the symptom, or composite"},
    )
    threshold = _threshold()


class AreasOut(ma.Schema):
    """Area between the curve and its baseline."""

    worsening = Number(metadata={"description": "Above the baseline"})
    improvement = Number(metadata={"description": "Below it: 0 or less"})


class ScoreOut(ma.Schema):
    """The worst score of one day."""

    day = ma.fields.Date()
    score = Number()


class SummaryOut(ma.Schema):
    """A score against its baseline; null where a baseline or a later score is missing."""

    baseline = Number(allow_none=True)
    observed = ma.fields.Integer(metadata={"description": "Days with a score after the baseline"})
    worst = Number(allow_none=True)
    adjusted = Number(
        allow_none=True, metadata={"description": "Worst where worse than the baseline, else 0"}
    )
    change_worst = Number(allow_none=True)
    change_latest = Number(allow_none=True)
    areas = ma.fields.Nested(
        AreasOut, allow_none=True, metadata={"description": "Score times days"}
    )


class MeasureOut(ma.Schema):
    """One attribute, or the composite."""

    measure = ma.fields.String()
    summary = ma.fields.Nested(SummaryOut)
    reached_on = ma.fields.Date(
        allow_none=True, metadata={"description": "First day at the threshold, above baseline"}
    )
    scores = ma.fields.Function(
        lambda found: [
            {"day": day.isoformat(), "score": int(score)} for day, score in found.scores
        ],
        metadata={"type": "array", "items": {"type": "object"}},
    )


class SymptomOverTimeOut(ma.Schema):
    """One symptom of one subject."""

    symptom = ma.fields.String()
    title = ma.fields.String()
    baseline_on = ma.fields.Date(
        allow_none=True, metadata={"description": "Last diary up to the first dose; null: none"}
    )
    measures = ma.fields.List(ma.fields.Nested(MeasureOut))


class IncidenceOut(ma.Schema):
    """Who had reached the threshold by the end of a week."""

    time = ma.fields.Integer(metadata={"description": "Week since the first dose"})
    reached = ma.fields.Integer()
    followed = ma.fields.Integer()
    subjects = ma.fields.Integer()
    proportion = Number()


class CohortOut(ma.Schema):
    """One measure over all subjects seen."""

    symptom = ma.fields.String()
    measure = ma.fields.String()
    threshold = Number()
    subjects = ma.fields.Integer(metadata={"description": "With a baseline"})
    without_baseline = ma.fields.Integer()
    means = ma.fields.Function(
        lambda found: [{"week": week, "mean": float(mean)} for week, mean in found.means],
        metadata={"type": "array", "items": {"type": "object"}},
    )
    areas = ma.fields.Nested(
        AreasOut, allow_none=True, metadata={"description": "Of the means, in score times weeks"}
    )
    incidence = ma.fields.List(ma.fields.Nested(IncidenceOut))
