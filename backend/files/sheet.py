"""One sheet: a title, what it was made of, declared columns, and rows that may be read only once."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

TEXT, INTEGER, DECIMAL, DAY, MOMENT, YES_NO, LIST = (
    "text",
    "integer",
    "decimal",
    "day",
    "moment",
    "yes_no",
    "list",
)
TYPES = (TEXT, INTEGER, DECIMAL, DAY, MOMENT, YES_NO, LIST)


class Head(Protocol):
    """What a file must know of a column: its machine name, its label for people and its type."""

    @property
    def name(self) -> str:
        """Give the name in JSON and CSV."""

    @property
    def label(self) -> str:
        """Give the label for people."""

    @property
    def type(self) -> str:
        """Give one of `TYPES`."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of a sheet that is no listing."""

    name: str
    label: str
    type: str = TEXT


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file is written from.

    `facts` are printed with the title, in their order: population, cut-off, rule set, label of blinding.
    `made_at` is the only time in the file, so that the same sheet gives the same bytes. `notes` stand
    below the rows. A row's value is None (missing), text, a number, a day, a moment or a list of texts.
    """

    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    columns: Sequence[Head]
    rows: Iterable[Mapping[str, Any]]
    made_at: dt.datetime
    notes: tuple[str, ...] = ()


def plain(value: object) -> str | int | float | None:
    """Give a cell's value as a file shows it; None is an empty cell, a list is joined by `; `."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "; ".join(str(plain(part)) for part in value)
    return str(value)
