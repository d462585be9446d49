"""Which rows of a listing, in which order: conditions on declared columns, and one sort column."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering
from typing import Any

from backend.files.sheet import DECIMAL, INTEGER, LIST, MOMENT, Head, plain

IS, LEAST, MOST = "is", "min", "max"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """One column is one of some values, at least, or at most one; a missing value fulfils none."""

    column: str
    op: str
    values: tuple[Any, ...]

    def check(self, kind: str) -> Callable[[Row], bool]:
        """Give the test of a row, for a column of type `kind`."""
        wanted = tuple(comparable(value, kind) for value in self.values)

        def holds(row: Row) -> bool:
            value = row[self.column]
            if value is None:
                return False
            if kind == LIST:
                return any(str(part) in self.values for part in value)
            known = comparable(value, kind)
            if self.op == IS:
                return known in wanted
            return bool(known >= wanted[0] if self.op == LEAST else known <= wanted[0])

        return holds


@dataclass(frozen=True, slots=True)
class Selection:
    """The conditions that a row must fulfil together, and the column to sort by (None: own order)."""

    conditions: tuple[Condition, ...] = ()
    sort: str | None = None
    descending: bool = False

    def checks(self, columns: Sequence[Head]) -> tuple[Callable[[Row], bool], ...]:
        """Give the tests of a row."""
        types = {column.name: column.type for column in columns}
        return tuple(condition.check(types[condition.column]) for condition in self.conditions)

    def stored(self) -> dict[str, Any]:
        """Give the selection as texts that a database keeps."""
        return {
            "conditions": [
                {
                    "column": condition.column,
                    "op": condition.op,
                    "values": [_text(value) for value in condition.values],
                }
                for condition in self.conditions
            ],
            "sort": self.sort,
            "descending": self.descending,
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> "Selection":
        """Give the selection that `stored` kept."""
        conditions = tuple(
            Condition(kept["column"], kept["op"], tuple(kept["values"]))
            for kept in stored["conditions"]
        )
        return cls(conditions, stored["sort"], stored["descending"])

    def in_words(self) -> str:
        """Say what was selected, for the head of a file."""
        words = {IS: "is", LEAST: "at least", MOST: "at most"}
        parts = [
            f"{condition.column} {words[condition.op]} {' or '.join(map(_text, condition.values))}"
            for condition in self.conditions
        ]
        return "; ".join(parts) or "none"


EVERYTHING = Selection()


@total_ordering
class _Down:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:  # noqa: ANN401 - anything that can be compared
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and bool(self.value == other.value)

    def __lt__(self, other: "_Down") -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment] # compared, never looked up


@dataclass(frozen=True, slots=True)
class SortKey:
    """Where a row stands: by one column, missing last whatever the direction, ties by the own key."""

    column: str
    type: str
    key: tuple[str, ...]
    descending: bool

    def __call__(self, row: Row) -> tuple[Any, ...]:
        """Give the rank of a row."""
        own = tuple(_text(row[name]) for name in self.key)
        return self.rank_of(row[self.column], own)

    def rank_of(self, value: object, own: tuple[str, ...]) -> tuple[Any, ...]:
        """Give the rank of a value with the texts of the own key."""
        if value is None:
            return (1, own)
        known = comparable(value, self.type)
        return (0, _Down(known) if self.descending else known, own)


def mark_of(row: Row, sort: str | None, key: tuple[str, ...]) -> tuple[str, ...]:
    """Give the cursor's mark of a row: its key, and before it the value that it is sorted by."""
    own = tuple(_text(row[name]) for name in key)
    if sort is None:
        return own
    value = row[sort]
    return ("" if value is None else f"={_text(value)}", *own)


def rank(key: SortKey, mark: tuple[str, ...]) -> tuple[Any, ...]:
    """Give the rank of the row that a mark was made of."""
    return key.rank_of(mark[0][1:] if mark[0] else None, mark[1:])


def comparable(value: Any, kind: str) -> Any:  # noqa: ANN401 - a stored value, a parsed one or its text
    """Give a value of a column of type `kind` in the one form that is compared."""
    if kind in (INTEGER, DECIMAL):
        return Decimal(str(value))
    if kind == MOMENT:
        return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    if kind == LIST:
        return _text(value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _text(value: object) -> str:
    return str(plain(value))
