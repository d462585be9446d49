"""Tables out, and why one is asked for with the arms."""

import marshmallow as ma
from marshmallow import validate

from backend.statistics import comparison, rates, strata, survival
from backend.tables.exposure_rates import TIME
from backend.tables.population import ALL, GROUPS
from schemas.listing import CSV, CUT, JSON, PDF, XLSX

_GROUP = {"description": "serious, immune-related, special-interest: as a clinician has judged"}
_NULL = "null: nothing to compare"


class TableQuery(ma.Schema):
    """Which adverse events, from where, as what."""

    group = ma.fields.String(load_default=ALL, validate=validate.OneOf(GROUPS), metadata=_GROUP)
    cut = ma.fields.String(load_default=None, validate=validate.Length(1, 64), metadata=CUT)
    format = ma.fields.String(load_default=JSON, validate=validate.OneOf((JSON, CSV, XLSX, PDF)))


class FirstEventQuery(TableQuery):
    """Which adverse events, or which single term of them."""

    term = ma.fields.String(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "A CTCAE term; without it any term", "example": "Diarrhea"},
    )


class _Reason(ma.Schema):
    reason = ma.fields.String(
        required=True,
        validate=validate.Length(3, 500),
        metadata={"example": "meeting of the monitoring committee"},
    )


class UnblindedIn(_Reason, TableQuery):
    """Which adverse events, and why the arms are looked at."""


class FirstEventUnblindedIn(_Reason, FirstEventQuery):
    """Which adverse events or term, and why the arms are looked at."""


class TableOut(ma.Schema):
    """What every table says of itself: the safety population, and what is missing."""

    group = ma.fields.String(attribute="made.group")
    blinded = ma.fields.Boolean(attribute="made.blinded")
    as_of = ma.fields.AwareDateTime(attribute="made.as_of")
    cut = ma.fields.String(attribute="made.cut", allow_none=True)
    study_version = ma.fields.String(attribute="made.study_version")
    ruleset_version = ma.fields.String(attribute="made.ruleset_version")
    population = ma.fields.Dict(
        attribute="made.population", keys=ma.fields.String(), values=ma.fields.Integer()
    )
    not_treated = ma.fields.Integer(
        attribute="made.not_treated", metadata={"description": "Enrolled, not counted"}
    )
    unjudged = ma.fields.Integer(
        attribute="made.unjudged",
        metadata={"description": "Courses that no clinician has judged"},
    )
    window_open = ma.fields.Integer(
        attribute="made.window_open",
        metadata={"description": "Treated, without a last treatment on record"},
    )


class ComparisonOut(ma.Schema):
    """The test between the arms, why this one, and the difference of the rates."""

    test = ma.fields.String(allow_none=True, metadata={"description": comparison.RULE})
    why = ma.fields.String()
    p = ma.fields.Float(
        allow_none=True, metadata={"description": "Two-sided; null: nothing to test"}
    )
    difference = ma.fields.Float(
        metadata={"description": f"Percentage points; {comparison.INTERVAL}"}
    )
    low = ma.fields.Float()
    high = ma.fields.Float()


class TableCellOut(ma.Schema):
    """Patients by column, each once; null is a small cell that is hidden from who is blinded."""

    patients = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(allow_none=True))
    percent = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float(allow_none=True))
    comparison = ma.fields.Nested(ComparisonOut, allow_none=True)


class TableRowOut(ma.Schema):
    """Everything, one SOC, or one term."""

    level = ma.fields.String(metadata={"description": "overall, soc or term"})
    soc = ma.fields.String(allow_none=True)
    term = ma.fields.String(allow_none=True)
    any_grade = ma.fields.Nested(TableCellOut)
    severe = ma.fields.Nested(TableCellOut, metadata={"description": "Worst grade 3 or more"})
    by_grade = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Dict(keys=ma.fields.Integer(), values=ma.fields.Integer(allow_none=True)),
        metadata={"description": "Patients by worst grade, in each column"},
    )


class IncidenceTableOut(TableOut):
    """Incidence in the safety population: everybody with a dose, with or without an event."""

    without_events = ma.fields.Integer(allow_none=True)
    test_rule = ma.fields.Constant(comparison.RULE)
    interval = ma.fields.Constant(comparison.INTERVAL)
    rows = ma.fields.List(ma.fields.Nested(TableRowOut))


class ExposureRateOut(ma.Schema):
    """Patients with the event per 100 patient-years at risk."""

    patients = ma.fields.Integer()
    patient_years = ma.fields.Float()
    rate = ma.fields.Float(allow_none=True)
    low = ma.fields.Float(allow_none=True)
    high = ma.fields.Float(allow_none=True)


class RateComparisonOut(ma.Schema):
    """The ratio of the arms' rates."""

    ratio = ma.fields.Float(allow_none=True)
    low = ma.fields.Float(allow_none=True)
    high = ma.fields.Float(allow_none=True)
    p = ma.fields.Float(allow_none=True)


class RateRowOut(ma.Schema):
    """Everything, one SOC, or one term."""

    level = ma.fields.String()
    soc = ma.fields.String(allow_none=True)
    term = ma.fields.String(allow_none=True)
    rates = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(ExposureRateOut, allow_none=True)
    )
    comparison = ma.fields.Nested(
        RateComparisonOut, allow_none=True, metadata={"description": _NULL}
    )


class ExposureRatesOut(TableOut):
    """Exposure-adjusted incidence rates."""

    time_at_risk = ma.fields.Constant(TIME)
    test_rule = ma.fields.Constant(rates.RULE)
    interval = ma.fields.Constant(rates.INTERVAL)
    rows = ma.fields.List(ma.fields.Nested(RateRowOut))


class CurveStepOut(ma.Schema):
    """What changes on one day."""

    day = ma.fields.Integer(metadata={"description": "1: the day of the first dose"})
    at_risk = ma.fields.Integer()
    events = ma.fields.Integer()
    free = ma.fields.Float(metadata={"description": "Share without the event (Kaplan-Meier)"})
    low = ma.fields.Float(allow_none=True)
    high = ma.fields.Float(allow_none=True)
    incidence = ma.fields.Float(metadata={"description": "Cumulative, death competing"})


class CurveOut(ma.Schema):
    """The time to the first event of some patients."""

    patients = ma.fields.Integer()
    events = ma.fields.Integer()
    competing = ma.fields.Integer(metadata={"description": "Died without the event"})
    censored = ma.fields.Integer()
    median = ma.fields.Integer(allow_none=True, metadata={"description": "Day; null: not reached"})
    steps = ma.fields.List(ma.fields.Nested(CurveStepOut))


class LogRankOut(ma.Schema):
    """The log-rank test between the arms."""

    chi_square = ma.fields.Float()
    p = ma.fields.Float()


class FirstEventRowOut(ma.Schema):
    """One threshold."""

    least_grade = ma.fields.Integer()
    curves = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(CurveOut, allow_none=True)
    )
    log_rank = ma.fields.Nested(LogRankOut, allow_none=True)


class FirstEventsOut(TableOut):
    """Time from the first dose to the first event."""

    term = ma.fields.String(allow_none=True)
    method = ma.fields.Constant(survival.METHOD)
    rows = ma.fields.List(ma.fields.Nested(FirstEventRowOut))


class StratumOut(ma.Schema):
    """One stratum."""

    stratum = ma.fields.String()
    population = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    patients = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(allow_none=True))


class StratifiedOut(ma.Schema):
    """The test over the strata."""

    strata_used = ma.fields.Integer()
    statistic = ma.fields.Float()
    p = ma.fields.Float()
    odds_ratio = ma.fields.Float(allow_none=True)
    low = ma.fields.Float(allow_none=True)
    high = ma.fields.Float(allow_none=True)
    homogeneity_p = ma.fields.Float(allow_none=True)


class StrataRowOut(ma.Schema):
    """One threshold."""

    least_grade = ma.fields.Integer()
    strata = ma.fields.List(ma.fields.Nested(StratumOut))
    test = ma.fields.Nested(StratifiedOut, allow_none=True, metadata={"description": _NULL})


class StrataTableOut(TableOut):
    """Rates within the strata of the randomisation (MRF)."""

    method = ma.fields.Constant(strata.METHOD)
    rows = ma.fields.List(ma.fields.Nested(StrataRowOut))
