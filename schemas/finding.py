"""Findings of staff in and out."""

import datetime as dt
import hashlib
from typing import Any

import marshmallow as ma
import orjson
from marshmallow import validate

from backend.services.finding import NewFinding
from schemas.answer import Answer
from schemas.fields import Moment, PlainValues, plain


class FindingIn(ma.Schema):
    """What staff found at one moment, by fact of the rules in force."""

    submission_id = ma.fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Za-z0-9._:-]{1,100}\Z"),
        metadata={"description": "Made by the sender; a repeat changes nothing"},
    )
    observed_at = Moment(required=True)
    values = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.Length(1, 64)),
        values=Answer(),
        required=True,
        validate=validate.Length(1, 40),
        metadata={
            "description": "ECG, urine, oxygen …; what is on record, such as a steroid's taper, "
            "counts until it is stated anew",
            "example": {"qtc_ms": 480, "steroid_taper_organ": "GI"},
        },
    )

    @ma.post_load
    def _finding(self, data: dict[str, Any], **_: object) -> NewFinding:
        said = {
            "observed_at": data["observed_at"].astimezone(dt.UTC),
            "values": data["values"],
        }
        content = orjson.dumps(plain(said), option=orjson.OPT_SORT_KEYS)
        return NewFinding(**data, content_sha256=hashlib.sha256(content).hexdigest())


class FindingOut(ma.Schema):
    """One stored finding."""

    id = ma.fields.String()
    submission_id = ma.fields.String()
    subject_id = ma.fields.String()
    day = ma.fields.Date()
    observed_at = ma.fields.AwareDateTime()
    values = PlainValues()
    recorded_at = ma.fields.AwareDateTime()
    recorded_by = ma.fields.String()
