"""Laboratory reports in and out."""

import datetime as dt
import hashlib
from dataclasses import asdict
from typing import Any

import marshmallow as ma
import orjson
from marshmallow import validate

from backend.services.lab import NewReport, NewResult
from backend.services.lab_file import OUTCOMES
from backend.services.sample import NONE, RESULT, SITE, Reported
from schemas.answer import Answer
from schemas.fields import Moment, Number, PlainValues, plain


class ResultIn(ma.Schema):
    """One result in the laboratory's own unit, with its own limits where it has them."""

    analyte = ma.fields.String(
        required=True, validate=validate.Length(1, 64), metadata={"example": "ALT"}
    )
    value = Number(required=True, metadata={"example": 84})
    unit = ma.fields.String(
        required=True, validate=validate.Length(1, 24), metadata={"example": "U/L"}
    )
    lln = Number(load_default=None, allow_none=True)
    uln = Number(load_default=None, allow_none=True)
    fasting = ma.fields.Boolean(load_default=None, allow_none=True)

    @ma.post_load
    def _new(self, data: dict[str, Any], **_: object) -> NewResult:
        fasting = data.pop("fasting")
        return NewResult(Reported(**data), fasting)


class ReportIn(ma.Schema):
    """The results of one sample."""

    submission_id = ma.fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Za-z0-9._:-]{1,100}\Z"),
        metadata={"description": "Made by the sender; a repeat changes nothing"},
    )
    collected_at = Moment(required=True)
    results = ma.fields.List(
        ma.fields.Nested(ResultIn), required=True, validate=validate.Length(1, 60)
    )
    statements = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.Length(1, 64)),
        values=Answer(),
        load_default=dict,
        validate=validate.Length(max=20),
        metadata={
            "description": "What staff state with the sample, by fact",
            "example": {"on_anticoagulation": True},
        },
    )

    @ma.post_load
    def _report(self, data: dict[str, Any], **_: object) -> NewReport:
        said = {
            "collected_at": data["collected_at"].astimezone(dt.UTC),
            "results": [asdict(result) for result in data["results"]],
            "statements": data["statements"],
        }
        content = orjson.dumps(plain(said), option=orjson.OPT_SORT_KEYS)
        return NewReport(
            submission_id=data["submission_id"],
            collected_at=data["collected_at"],
            results=tuple(data["results"]),
            statements=data["statements"],
            content_sha256=hashlib.sha256(content).hexdigest(),
        )


class ResultOut(ma.Schema):
    """One stored result: the number as reported, with the canonical name of its unit."""

    id = ma.fields.String()
    report_id = ma.fields.String()
    submission_id = ma.fields.String()
    subject_id = ma.fields.String()
    study_version = ma.fields.String()
    analyte = ma.fields.String()
    value = Number()
    unit = ma.fields.String()
    unit_reported = ma.fields.String()
    lln = Number(allow_none=True)
    uln = Number(allow_none=True)
    limits_from = ma.fields.String(
        validate=validate.OneOf((RESULT, SITE, NONE)),
        metadata={
            "description": "Whose limits: the result's own, the site's reference range, none"
        },
    )
    fasting = ma.fields.Boolean(allow_none=True)
    statements = PlainValues()
    collected_at = ma.fields.AwareDateTime()
    day = ma.fields.Date()
    recorded_at = ma.fields.AwareDateTime()


class RecordedOut(ma.Schema):
    """What was stored; `repeated`: it had come before and nothing was changed."""

    report_id = ma.fields.String()
    repeated = ma.fields.Boolean()
    results = ma.fields.List(ma.fields.Nested(ResultOut))


class ResultPageOut(ma.Schema):
    """A page of results, newest day first."""

    items = ma.fields.List(ma.fields.Nested(ResultOut))
    next = ma.fields.String(allow_none=True)


class RowOut(ma.Schema):
    """What became of one row of a laboratory's file; `line` counts from 2, after the header."""

    line = ma.fields.Integer()
    outcome = ma.fields.String(validate=validate.OneOf(OUTCOMES))
    column = ma.fields.String(allow_none=True, metadata={"description": "Where the fault is"})
    reason = ma.fields.String(allow_none=True)


class FileReportOut(ma.Schema):
    """One line per row, and how many of each outcome; a refused row changed nothing."""

    accepted = ma.fields.Integer()
    repeated = ma.fields.Integer()
    refused = ma.fields.Integer()
    unread_columns = ma.fields.List(
        ma.fields.String(), metadata={"description": "In the file, but not read"}
    )
    rows = ma.fields.List(ma.fields.Nested(RowOut))
