"""Exports in and out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.exports.asking import NewExport
from backend.exports.makers import FORMATS, KINDS, LISTING, listing_called
from backend.listings.registry import LISTINGS
from schemas.listing import CUT, conditions_of


class ExportIn(ma.Schema):
    """What is to be made in the background."""

    kind = ma.fields.String(
        load_default=LISTING,
        validate=validate.OneOf(KINDS),
        metadata={"description": "package: every listing, table and dataset of a data cut"},
    )
    listing = ma.fields.String(
        load_default=None, validate=validate.OneOf([listing.name for listing in LISTINGS])
    )
    format = ma.fields.String(load_default="csv", validate=validate.OneOf(FORMATS))
    cut = ma.fields.String(load_default=None, validate=validate.Length(1, 64), metadata=CUT)
    conditions = ma.fields.Dict(
        keys=ma.fields.String(),
        load_default=dict,
        metadata={"description": "As the query of the listing's own route, by name; and `sort`"},
    )
    reason = ma.fields.String(
        load_default=None,
        validate=validate.Length(3, 500),
        metadata={"description": "Why the arms are to be in it; without it they are not"},
    )

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: object) -> NewExport:
        asked = data.pop("conditions")
        if data["kind"] != LISTING:
            return NewExport(**data)
        if data["listing"] is None:
            message = "a listing is expected"
            raise ma.ValidationError(message, "listing")
        listing = listing_called(data["listing"])
        schema = conditions_of(listing, unblinded=data["reason"] is not None)
        try:
            selection = schema.load(asked)["selection"]
        except ma.ValidationError as error:
            raise ma.ValidationError({"conditions": error.messages}) from error
        return NewExport(**data, selection=selection)


class ExportFileOut(ma.Schema):
    """One finished file."""

    name = ma.fields.String()
    size = ma.fields.Integer(metadata={"description": "Bytes"})
    sha256 = ma.fields.String()
    rows = ma.fields.Integer(allow_none=True)


class ExportOut(ma.Schema):
    """An export: how far it is, and the files that are finished."""

    id = ma.fields.String()
    kind = ma.fields.String()
    listing = ma.fields.String(allow_none=True)
    format = ma.fields.String()
    cut = ma.fields.String(allow_none=True)
    unblinded = ma.fields.Boolean()
    asked_at = ma.fields.AwareDateTime()
    state = ma.fields.String(metadata={"description": "waiting, running, complete or failed"})
    detail = ma.fields.String(allow_none=True)
    completed_at = ma.fields.AwareDateTime(allow_none=True)
    files = ma.fields.List(ma.fields.Nested(ExportFileOut))
    files_expected = ma.fields.Integer(metadata={"description": "With the manifest"})
    rows = ma.fields.Integer(metadata={"description": "Rows so far of the file at hand"})


class ExportsOut(ma.Schema):
    """What the reader asked for, the newest first."""

    items = ma.fields.List(ma.fields.Nested(ExportOut))
