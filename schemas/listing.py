"""Listings: what may be asked of each, by its declared columns, and rows by column name."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.files.sheet import DAY, DECIMAL, INTEGER, MOMENT, YES_NO
from backend.listings.base import Column, Listing
from backend.listings.selection import IS, LEAST, MOST, Condition, Selection
from schemas.fields import Day, Moment, PlainValues
from schemas.page import PageQuery

_RANGED = (INTEGER, DECIMAL, DAY, MOMENT)
JSON, CSV, XLSX, PDF = "json", "csv", "xlsx", "pdf"
CUT = {"description": "Id of a data cut; without it the live data"}


class _SelectionQuery(ma.Schema):
    """Conditions, order and data cut; `selection` and `cut` when loaded."""

    _columns: tuple[Column, ...] = ()

    cut = ma.fields.String(
        load_default=None, validate=validate.Length(1, 64), metadata=CUT, allow_none=True
    )

    @ma.post_load
    def _select(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """Gather the conditions into one selection."""
        conditions = []
        for column in self._columns:
            for name, op in _named(column):
                value = data.pop(name, None)
                if value is not None:
                    values = tuple(value) if isinstance(value, list) else (value,)
                    conditions.append(Condition(column.name, op, values))
        sort = data.pop("sort", None)
        data["selection"] = Selection(
            tuple(conditions),
            sort.removeprefix("-") if sort else None,
            bool(sort) and sort.startswith("-"),
        )
        return data


def page_query(listing: Listing) -> type[ma.Schema]:
    """Make the query of a listing's pages."""
    return _schema(listing, "Query", (_SelectionQuery, PageQuery), blinded=True)


def file_query(listing: Listing) -> type[ma.Schema]:
    """Make the query of a listing's files."""
    return _schema(listing, "FileQuery", (_SelectionQuery,), blinded=True)


def unblinded_body(listing: Listing) -> type[ma.Schema]:
    """Make the body that asks for a listing with the arms, and says why."""
    return _schema(listing, "UnblindedIn", (_SelectionQuery, _Unblinded, PageQuery), blinded=False)


def conditions_of(listing: Listing, *, unblinded: bool) -> ma.Schema:
    """Make the conditions and the order that may be asked of a listing, as JSON."""
    return _schema(listing, "Conditions", (_SelectionQuery,), blinded=not unblinded)()


class _Unblinded(ma.Schema):
    reason = ma.fields.String(
        required=True,
        validate=validate.Length(3, 500),
        metadata={"example": "meeting of the monitoring committee"},
    )
    format = ma.fields.String(load_default=JSON, validate=validate.OneOf((JSON, CSV, XLSX, PDF)))


class ListingPageOut(ma.Schema):
    """A page of a listing."""

    label = ma.fields.String(metadata={"description": "blinded or unblinded"})
    as_of = ma.fields.AwareDateTime()
    cut = ma.fields.String(allow_none=True)
    items = ma.fields.List(PlainValues())
    next = ma.fields.String(allow_none=True)


class ListingColumnOut(ma.Schema):
    """One declared column."""

    name = ma.fields.String()
    label = ma.fields.String()
    type = ma.fields.String()
    origin = ma.fields.String(metadata={"description": "CDISC variable, or local or derived"})
    unblinding = ma.fields.Boolean(metadata={"description": "Only with the arms"})


class ListingOut(ma.Schema):
    """One listing: any column filters it (`name`, or `name_min` and `name_max`) and sorts it."""

    name = ma.fields.String()
    title = ma.fields.String()
    population = ma.fields.String()
    key = ma.fields.List(ma.fields.String(), metadata={"description": "Columns of its own order"})
    columns = ma.fields.List(ma.fields.Nested(ListingColumnOut))


class ListingsOut(ma.Schema):
    """The listings that the reader may pull."""

    items = ma.fields.List(ma.fields.Nested(ListingOut))


def _schema(
    listing: Listing, suffix: str, bases: tuple[type[ma.Schema], ...], *, blinded: bool
) -> type[ma.Schema]:
    columns = tuple(column for column in listing.columns if not (blinded and column.unblinding))
    names = [column.name for column in columns]
    fields: dict[str, Any] = {
        name: _field(column, op) for column in columns for name, op in _named(column)
    }
    fields["sort"] = ma.fields.String(
        load_default=None,
        validate=validate.OneOf([*names, *(f"-{name}" for name in names)]),
        metadata={"description": "A column; with - before it descending; missing values last"},
    )
    title = "".join(part.capitalize() for part in listing.name.split("-"))
    return type(f"{title}{suffix}", bases, {**fields, "_columns": columns})


def _named(column: Column) -> tuple[tuple[str, str], ...]:
    if column.type in _RANGED:
        return ((column.name, IS), (f"{column.name}_min", LEAST), (f"{column.name}_max", MOST))
    return ((column.name, IS),)


def _field(column: Column, op: str) -> ma.fields.Field[Any]:
    words = {IS: "one of these", LEAST: "at least", MOST: "at most"}
    meta = {"description": f"{column.label}: {words[op]}"}
    if column.type == INTEGER:
        one: ma.fields.Field[Any] = ma.fields.Integer(metadata=meta)
    elif column.type == DECIMAL:
        one = ma.fields.Decimal(allow_nan=False, metadata=meta)
    elif column.type == DAY:
        one = Day(metadata=meta)
    elif column.type == MOMENT:
        one = Moment(metadata=meta)
    elif column.type == YES_NO:
        one = ma.fields.String(validate=validate.OneOf(("Y", "N")), metadata=meta)
    else:
        one = ma.fields.String(validate=validate.Length(1, 200), metadata=meta)
    if op != IS:
        return one
    return ma.fields.List(one, validate=validate.Length(1, 50), metadata=meta)
