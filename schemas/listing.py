"""Listings: rows by column name."""

import marshmallow as ma

from schemas.fields import PlainValues


class ListingPageOut(ma.Schema):
    """A page of a listing."""

    items = ma.fields.List(PlainValues())
    next = ma.fields.String(allow_none=True)
