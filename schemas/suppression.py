"""Suppressions in and out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.clinical.flagrules import TIERS
from backend.services.suppression import STEPS, NewSuppression, SuppressionChange

_REASON = validate.Length(3, 2000)


class SuppressionIn(ma.Schema):
    """A proposal: alerts that need not ring. It begins in shadow: counted, not applied."""

    flag_id = ma.fields.String(
        required=True, validate=validate.Length(1, 64), metadata={"example": "RASH"}
    )
    tiers = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(TIERS)),
        required=True,
        validate=validate.Length(1, len(TIERS)),
        metadata={"description": "Never emergency"},
    )
    site = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 16),
        metadata={"description": "Null: at every site"},
    )
    reason = ma.fields.String(required=True, validate=_REASON)

    @ma.post_load
    def _new(self, data: dict[str, Any], **_: object) -> NewSuppression:
        return NewSuppression(**{**data, "tiers": tuple(dict.fromkeys(data["tiers"]))})


class SuppressionChangeIn(ma.Schema):
    """One step: switch_on (applied from now on), switch_off (back to shadow), end."""

    step = ma.fields.String(required=True, validate=validate.OneOf(STEPS))
    reason = ma.fields.String(required=True, validate=_REASON)
    rev = ma.fields.Integer(required=True, strict=True, validate=validate.Range(min=0))

    @ma.post_load
    def _change(self, data: dict[str, Any], **_: object) -> SuppressionChange:
        return SuppressionChange(**data)


class SuppressionStepOut(ma.Schema):
    """One step with its time, who took it and why."""

    at = ma.fields.AwareDateTime()
    step = ma.fields.String()
    by = ma.fields.String()
    reason = ma.fields.String()


class SuppressionOut(ma.Schema):
    """One suppression."""

    id = ma.fields.String()
    flag_id = ma.fields.String()
    tiers = ma.fields.List(ma.fields.String())
    site = ma.fields.String(allow_none=True)
    state = ma.fields.String(metadata={"description": "shadow, on or ended"})
    made_at = ma.fields.AwareDateTime()
    steps = ma.fields.List(ma.fields.Nested(SuppressionStepOut))
    rev = ma.fields.Integer()


class CountedOut(ma.Schema):
    """One suppression with the alerts that it fitted; each useful one ought to have rung."""

    suppression = ma.fields.Nested(SuppressionOut)
    fitted = ma.fields.Integer()
    acted = ma.fields.Integer()
    useful = ma.fields.Integer()
    not_useful = ma.fields.Integer()
