"""Pages of a listing: how many, and from where."""

import marshmallow as ma
from marshmallow import validate


class PageQuery(ma.Schema):
    """Which page of a listing."""

    limit = ma.fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = ma.fields.String(load_default=None, validate=validate.Length(1, 500))
