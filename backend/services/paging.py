"""Cursor pages: an opaque mark of the last row seen, checked when it comes back."""

import base64
import binascii
import datetime as dt
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from backend.errors import Fault, InvalidInput

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and where the next page begins (None: this was the last)."""

    items: tuple[Row, ...]
    next: str | None


def write_cursor(key: tuple[Any, ...]) -> str:
    """Turn a sort key into an opaque cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def read_cursor(cursor: str | None, types: tuple[type, ...]) -> tuple[Any, ...] | None:
    """Turn a cursor back into its sort key; None where there is none.

    Raises:
        InvalidInput: it is not a cursor of this listing.
    """
    if cursor is None:
        return None
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = tuple(_part(part, kind) for part, kind in zip(parts, types, strict=True))
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidInput(faults=(Fault("cursor", "not a cursor of this listing"),)) from error
    return key


def _part(part: object, kind: type) -> object:
    if kind is dt.datetime:
        if not isinstance(part, str):
            raise TypeError
        moment = dt.datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise ValueError
        return moment
    if type(part) is not kind:
        raise TypeError
    return part
