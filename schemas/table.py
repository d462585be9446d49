"""Tables out, and why one is asked for with the arms."""

import marshmallow as ma
from marshmallow import validate

from backend.comparison import INTERVAL, RULE
from backend.services.incidence import ALL, GROUPS

_GROUP = {"description": "serious and immune-related: as a clinician has judged"}


class TableQuery(ma.Schema):
    """Which adverse events."""

    group = ma.fields.String(load_default=ALL, validate=validate.OneOf(GROUPS), metadata=_GROUP)


class UnblindedIn(TableQuery):
    """Which adverse events, and why the arms are looked at."""

    reason = ma.fields.String(
        required=True,
        validate=validate.Length(3, 500),
        metadata={"example": "meeting of the monitoring committee"},
    )


class ComparisonOut(ma.Schema):
    """The test between the arms, why this one, and the difference of the rates."""

    test = ma.fields.String(allow_none=True, metadata={"description": RULE})
    why = ma.fields.String()
    p = ma.fields.Float(
        allow_none=True, metadata={"description": "Two-sided; null: nothing to test"}
    )
    difference = ma.fields.Float(metadata={"description": f"Percentage points; {INTERVAL}"})
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


class IncidenceTableOut(ma.Schema):
    """Incidence in the safety population: everybody with a dose, with or without an event."""

    group = ma.fields.String()
    blinded = ma.fields.Boolean()
    as_of = ma.fields.AwareDateTime()
    study_version = ma.fields.String()
    ruleset_version = ma.fields.String()
    population = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    without_events = ma.fields.Integer()
    unjudged = ma.fields.Integer(metadata={"description": "Courses that no clinician has judged"})
    test_rule = ma.fields.Constant(RULE)
    interval = ma.fields.Constant(INTERVAL)
    rows = ma.fields.List(ma.fields.Nested(TableRowOut))
