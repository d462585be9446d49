"""A sheet as CSV (RFC 4180), streamed, with no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from backend.files.sheet import Sheet, plain

# A spreadsheet runs a cell that begins so (OWASP, CSV injection); a leading ' makes it text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Rows that are encoded together: one at a time costs more than the writing (measured).
_BATCH = 500


def write_csv(sheet: Sheet, *, header: bool = True) -> Iterator[bytes]:
    """Write the rows in UTF-8 with a header of machine names, some hundred rows at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    names = [column.name for column in sheet.columns]
    if header:
        writer.writerow(names)
    rows = iter(sheet.rows)
    while batch := list(islice(rows, _BATCH)):
        writer.writerows([safe(plain(row[name])) for name in names] for row in batch)
        yield _taken(buffer)
    yield _taken(buffer)


def safe(value: str | float | None) -> str | float | None:
    """Give a cell that no spreadsheet runs: a text that begins as a formula gets a leading quote."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
