"""What a listing is: declared columns over rows that the actor may see, as pages or as CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# A spreadsheet runs a cell that begins so (OWASP, CSV injection); a leading ' makes it text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in JSON and CSV, what it means, and where it comes from in CDISC."""

    name: str
    label: str
    origin: str
    value: Callable[[Mapping[str, Any]], Any]
    # Shown only to those who may see the arm.
    unblinding: bool = False


def visible(columns: Iterable[Column], *, unblinded: bool) -> tuple[Column, ...]:
    """Give the columns that a reader may see."""
    return tuple(column for column in columns if unblinded or not column.unblinding)


def row_of(columns: Iterable[Column], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Give one row as plain values by column name."""
    return {column.name: column.value(stored) for column in columns}


def csv_lines(columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Write rows as RFC 4180 CSV, one line at a time, with a header."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    yield _taken(buffer)
    for row in rows:
        writer.writerow([_cell(row[column.name]) for column in columns])
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        value = "; ".join(str(part) for part in value)
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value
