"""Pictures: from where, of what, and why with the arms."""

import marshmallow as ma
from marshmallow import validate

from backend.pictures.render import FORMATS
from schemas.listing import CUT


class PictureQuery(ma.Schema):
    """From where."""

    cut = ma.fields.String(load_default=None, validate=validate.Length(1, 64), metadata=CUT)


class AnalytePictureQuery(PictureQuery):
    """From where, and of which analyte."""

    analyte = ma.fields.String(
        required=True, validate=validate.Length(1, 40), metadata={"example": "alt"}
    )


class PictureUnblindedIn(PictureQuery):
    """From where, as what, and why the arms are to be in it."""

    reason = ma.fields.String(required=True, validate=validate.Length(3, 500))
    format = ma.fields.String(load_default="svg", validate=validate.OneOf(FORMATS))
