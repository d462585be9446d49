"""Data cuts in and out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.services.data_cut import NewCut
from schemas.fields import Day


class DataCutIn(ma.Schema):
    """A data cut that is asked for."""

    cutoff = Day(
        required=True,
        metadata={"description": "Last day, in each subject's zone, of what the cut holds"},
    )
    reason = ma.fields.String(required=True, validate=validate.Length(3, 500))

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: object) -> NewCut:
        return NewCut(**data)


class DataCutOut(ma.Schema):
    """A data cut: how far it is, and what its copies hold."""

    id = ma.fields.String()
    cutoff = ma.fields.Date()
    reason = ma.fields.String()
    asked_at = ma.fields.AwareDateTime()
    asked_by = ma.fields.String()
    rev = ma.fields.Integer(metadata={"description": "The version that is signed"})
    state = ma.fields.String(metadata={"description": "waiting, running or complete"})
    taken_at = ma.fields.AwareDateTime(allow_none=True)
    completed_at = ma.fields.AwareDateTime(allow_none=True)
    study_version = ma.fields.String()
    ruleset_version = ma.fields.String()
    subjects = ma.fields.Integer()
    subjects_done = ma.fields.Integer()
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    digests = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        metadata={"description": "SHA-256 chain over the copies of each collection"},
    )


class DataCutsOut(ma.Schema):
    """Every data cut, the newest first."""

    items = ma.fields.List(ma.fields.Nested(DataCutOut))
