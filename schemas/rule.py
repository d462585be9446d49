"""Rules as pages, their versions, and what a replay found."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.clinical.rulebook import KINDS
from backend.services.ruleset import Replayed
from schemas.fields import Day

_VERSION = validate.Length(1, 64)


class LevelOut(ma.Schema):
    """One tier or grade."""

    level = ma.fields.String(metadata={"example": "grade 3"})
    text = ma.fields.String()
    by = ma.fields.String(metadata={"description": "facts, a laboratory's limits, or a clinician"})


class CausePageOut(ma.Schema):
    """One candidate cause and its evidence."""

    component = ma.fields.String()
    leads = ma.fields.String(allow_none=True)
    supports = ma.fields.List(ma.fields.String())
    opposes = ma.fields.List(ma.fields.String())


class ActionPageOut(ma.Schema):
    """What a label or guideline says; information, never an order."""

    component = ma.fields.String()
    text = ma.fields.String()
    source = ma.fields.String()


class RuleBriefOut(ma.Schema):
    """One rule in the index."""

    kind = ma.fields.String(validate=validate.OneOf(KINDS))
    id = ma.fields.String()
    title = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    group = ma.fields.String()
    source = ma.fields.String()
    mark = ma.fields.String(
        allow_none=True,
        metadata={
            "description": "read in the source, GK general knowledge, P a proposal of this project"
        },
    )
    version = ma.fields.String()


class RuleOut(RuleBriefOut):
    """One rule, whole."""

    rule = ma.fields.String(metadata={"description": "Its file"})
    organs = ma.fields.List(ma.fields.String())
    meddra_code = ma.fields.String(allow_none=True)
    decision = ma.fields.String()
    limits = ma.fields.String()
    levels = ma.fields.List(ma.fields.Nested(LevelOut))
    causes = ma.fields.List(ma.fields.Nested(CausePageOut))
    actions = ma.fields.List(ma.fields.Nested(ActionPageOut))
    reads = ma.fields.List(ma.fields.String(), metadata={"description": "Facts that decide"})


class RulebookOut(ma.Schema):
    """Every rule in force."""

    version = ma.fields.String()
    items = ma.fields.List(ma.fields.Nested(RuleBriefOut))


class RuleVersionOut(ma.Schema):
    """One rule set that was in force here."""

    version = ma.fields.String()
    loaded_at = ma.fields.AwareDateTime()
    in_force = ma.fields.Boolean()


class CompareQuery(ma.Schema):
    """Which two versions."""

    first = ma.fields.String(required=True, validate=_VERSION)
    second = ma.fields.String(required=True, validate=_VERSION)


class RulesetComparisonOut(CompareQuery):
    """How two versions differ."""

    lines = ma.fields.List(ma.fields.String(), metadata={"description": "Unified diff by file"})


class ReplayIn(ma.Schema):
    """Since which day."""

    since = Day(required=True)


class CountedKindOut(ma.Schema):
    """How often one change would happen."""

    what = ma.fields.String(metadata={"example": "grade of Diarrhea: 2 -> 3"})
    count = ma.fields.Integer()


class ReplayedOut(ma.Schema):
    """One stored day that would come out otherwise."""

    assessment_id = ma.fields.String()
    subject_id = ma.fields.String()
    day = ma.fields.Date()
    ruleset_version = ma.fields.String()
    judged = ma.fields.Boolean()
    changes = ma.fields.List(ma.fields.String())

    @ma.pre_dump
    def _flat(self, day: Replayed, **_: object) -> dict[str, Any]:
        names = ("assessment_id", "subject_id", "day", "ruleset_version", "judged")
        return {**{name: getattr(day, name) for name in names}, "changes": list(day.kinds())}


class ReplayReportOut(ma.Schema):
    """What the rules in force would make of the stored days."""

    since = ma.fields.Date()
    ruleset_version = ma.fields.String()
    read = ma.fields.Integer()
    changed = ma.fields.Integer()
    judged = ma.fields.Integer()
    kinds = ma.fields.List(ma.fields.Nested(CountedKindOut))
    days = ma.fields.List(
        ma.fields.Nested(ReplayedOut), metadata={"description": "The first 200 that would change"}
    )
