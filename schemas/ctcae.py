"""CTCAE terms as found."""

import marshmallow as ma
from marshmallow import validate


class TermQuery(ma.Schema):
    """What is looked for."""

    q = ma.fields.String(
        load_default="",
        validate=validate.Length(max=100),
        metadata={"description": "Beginning of a name or word, a MedDRA code, or a near spelling"},
    )
    soc = ma.fields.String(load_default=None, validate=validate.Length(1, 200))
    limit = ma.fields.Integer(load_default=20, validate=validate.Range(1, 100))


class TermOut(ma.Schema):
    """One term; grades that do not exist for it are left out."""

    name = ma.fields.String()
    meddra_code = ma.fields.String()
    soc = ma.fields.String()
    grades = ma.fields.List(ma.fields.Integer())
    graded_by_rule = ma.fields.Boolean(
        metadata={"description": "Whether a diary, vital sign or result can grade it here"}
    )
    official = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        allow_none=True,
        metadata={"description": "The site's own official texts by grade, where imported"},
    )


class TermsOut(ma.Schema):
    """Terms, the best match first."""

    items = ma.fields.List(ma.fields.Nested(TermOut))
