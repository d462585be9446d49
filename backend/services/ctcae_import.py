"""Read the official NCI table of CTCAE v4.03 (xls, xlsx or csv) as a site downloaded it."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import python_calamine

from backend.clinical.catalogue import Term
from backend.models.ctcae_text import OfficialText, replace_texts

Row = Sequence[str]
Table = Sequence[Row]

# Column headers folded to lower-case letters and digits. NCI's table says "MedDRA v12.0 Code",
# "Grade 1" and "CTCAE v4.0 AE Term Definition"; its csv copies "MedDRA Code", "1" and "Definition".
_HEADERS = {
    "code": re.compile("(meddra(v[0-9]+)?)?code|meddra"),
    "definition": re.compile(".*definition"),
    **{f"grade_{grade}": re.compile(f"(grade)?{grade}") for grade in range(1, 6)},
}
_OPTIONAL = frozenset({"definition"})
_SEPARATORS = ",;\t"


class NotTheTableError(Exception):
    """The file is not the CTCAE v4.03 table; the text says what is missing."""


def import_official(file: Path, catalogue: Mapping[str, Term]) -> int:
    """Store the official texts of a site's table beside ours; give how many terms it had.

    Raises:
        NotTheTableError: it cannot be read, a column is missing, or its codes are not those of
            CTCAE v4.03.
    """
    codes = {term.meddra_code for term in catalogue.values()}
    texts = _texts(_tables(file))
    unknown = sorted({text.meddra_code for text in texts} - codes)
    if unknown or not texts:
        message = f"not CTCAE v4.03: {len(unknown)} unknown codes, such as {unknown[:3]}"
        raise NotTheTableError(message)
    return replace_texts(texts)


def _tables(file: Path) -> Iterator[Table]:
    """Give what may be the table: each sheet of a workbook, or a csv by each separator."""
    if file.suffix.lower() not in (".xls", ".xlsx"):
        lines = _decoded(file).splitlines(keepends=True)
        yield from (list(csv.reader(lines, delimiter=separator)) for separator in _SEPARATORS)
        return
    yield from _sheets(file)


def _sheets(file: Path) -> list[Table]:
    try:
        book = python_calamine.CalamineWorkbook.from_path(file)
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    except BaseException as error:
        # A file that was cut off while it was downloaded makes the reader panic, which pyo3 raises
        # as its own BaseException.
        panic = type(error).__module__ == "pyo3_runtime"
        if not panic and not isinstance(error, python_calamine.CalamineError):
            raise
        message = f"no workbook, or not all of it: {error}"
        raise NotTheTableError(message) from error
    return [[[_text(cell) for cell in row] for row in sheet] for sheet in sheets]


def _decoded(file: Path) -> str:
    """Read a csv as spreadsheets save it: UTF-8 or UTF-16 with their mark, or Windows-1252."""
    raw = file.read_bytes()
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    message = "no text in UTF-8, UTF-16 or Windows-1252"
    raise NotTheTableError(message)


def _text(cell: object) -> str:
    # A spreadsheet keeps a code as the number 10012727.0.
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _texts(tables: Iterator[Table]) -> list[OfficialText]:
    """Read the first table that has the headers; NCI's has a title above them."""
    for table in tables:
        for number, row in enumerate(table):
            columns = _columns(row)
            if columns:
                return list(_terms(table[number + 1 :], columns))
    message = "no row has the headers MedDRA Code, Grade 1 to Grade 5"
    raise NotTheTableError(message)


def _terms(rows: Table, columns: Mapping[str, int]) -> Iterator[OfficialText]:
    """Read the rows that have a code; those without name the system organ class."""
    for row in rows:
        cells = dict(enumerate(row))
        code = cells.get(columns["code"], "").strip()
        if code.isdigit():
            texts = {
                name: cells[index].strip()
                for name, index in columns.items()
                if name != "code" and cells.get(index, "").strip(" -\u2013\u2014")
            }
            yield OfficialText(code, texts)


def _columns(row: Row) -> dict[str, int]:
    """Find the columns; none where the row is not that of the headers."""
    folded = ["".join(filter(str.isalnum, cell.lower())) for cell in row]
    found = {
        name: index
        for name, header in _HEADERS.items()
        for index, cell in reversed(list(enumerate(folded)))
        if header.fullmatch(cell)
    }
    return found if found.keys() | _OPTIONAL == _HEADERS.keys() else {}
