"""Datasets for regulators: what there is, and why the arms are wanted in it."""

import marshmallow as ma
from marshmallow import validate

from schemas.listing import CUT


class SubmissionQuery(ma.Schema):
    """From where."""

    cut = ma.fields.String(load_default=None, validate=validate.Length(1, 64), metadata=CUT)


class SubmissionUnblindedIn(SubmissionQuery):
    """From where, and why the arms are to be in it."""

    reason = ma.fields.String(required=True, validate=validate.Length(3, 500))


class VariableOut(ma.Schema):
    """One variable."""

    name = ma.fields.String()
    label = ma.fields.String()
    type = ma.fields.String()
    length = ma.fields.Integer(metadata={"description": "Bytes"})
    codelist = ma.fields.String(allow_none=True)
    origin = ma.fields.String()
    key = ma.fields.Integer(allow_none=True, metadata={"description": "Place among the keys"})


class DatasetOut(ma.Schema):
    """One dataset."""

    name = ma.fields.String()
    label = ma.fields.String()
    kind = ma.fields.String(metadata={"description": "sdtm or adam"})
    structure = ma.fields.String()
    variables = ma.fields.List(ma.fields.Nested(VariableOut))


class DatasetsOut(ma.Schema):
    """Every dataset."""

    items = ma.fields.List(ma.fields.Nested(DatasetOut))
