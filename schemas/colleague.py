"""Colleagues by name."""

import marshmallow as ma


class PlaceOut(ma.Schema):
    """A role at a site (null: at every site)."""

    role = ma.fields.String()
    site = ma.fields.String(allow_none=True)


class ColleagueOut(ma.Schema):
    """One person; no e-mail, no address."""

    id = ma.fields.String()
    name = ma.fields.String()
    active = ma.fields.Boolean()
    places = ma.fields.List(ma.fields.Nested(PlaceOut))
