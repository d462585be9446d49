"""Read the official NCI table of CTCAE v4.03 (xls, xlsx or csv) as a site downloaded it."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import python_calamine

from backend.clinical.catalogue import Term
from backend.models.ctcae_text import OfficialText, replace_texts

# Column headers of NCI's table and of its csv copies, folded to letters and digits.
_CODE = ("meddracode", "meddra", "code")
_GRADES = {f"grade_{grade}": (f"grade{grade}", str(grade)) for grade in range(1, 6)}
_DEFINITION = ("definition", "aedefinition")


class NotTheTableError(Exception):
    """The file is not the CTCAE v4.03 table; the text says what is missing."""


def import_official(file: Path, catalogue: Mapping[str, Term]) -> int:
    """Store the official texts of a site's table beside ours; give how many terms it had.

    Raises:
        NotTheTableError: a column is missing, or its codes are not those of CTCAE v4.03.
    """
    codes = {term.meddra_code for term in catalogue.values()}
    texts = tuple(_read(_rows(file)))
    unknown = sorted({text.meddra_code for text in texts} - codes)
    if unknown or not texts:
        message = f"not CTCAE v4.03: {len(unknown)} unknown codes, such as {unknown[:3]}"
        raise NotTheTableError(message)
    return replace_texts(texts)


def _rows(file: Path) -> Iterable[list[str]]:
    if file.suffix.lower() == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as source:
            return list(csv.reader(source))
    book = python_calamine.CalamineWorkbook.from_path(file)
    sheet = book.get_sheet_by_index(0)
    return [[_text(cell) for cell in row] for row in sheet.to_python()]


def _text(cell: object) -> str:
    # A spreadsheet keeps a code as the number 10012727.0.
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _read(rows: Iterable[list[str]]) -> Iterator[OfficialText]:
    columns: dict[str, int] = {}
    for row in rows:
        if not columns:
            columns = _columns(row)
            continue
        code = row[columns["code"]] if len(row) > columns["code"] else ""
        if code.isdigit():
            texts = {
                name: row[index].strip()
                for name, index in columns.items()
                if name != "code" and index < len(row) and row[index].strip(" -\u2013")
            }
            yield OfficialText(code, texts)
    if not columns:
        message = "no row has the headers MedDRA Code, Grade 1 to Grade 5"
        raise NotTheTableError(message)


def _columns(row: list[str]) -> dict[str, int]:
    """Find the header row: NCI's sheet may have a title above it."""
    folded = ["".join(filter(str.isalnum, cell.lower())) for cell in row]

    def place(names: tuple[str, ...]) -> int | None:
        return next(
            (
                index
                for index, cell in enumerate(folded)
                if cell in names or (len(names[0]) > 4 and cell.startswith(names[0]))  # noqa: PLR2004 - a word, not a digit
            ),
            None,
        )

    found = {"code": place(_CODE), "definition": place(_DEFINITION)}
    found |= {name: place(names) for name, names in _GRADES.items()}
    if any(found[name] is None for name in ("code", *_GRADES)):
        return {}
    return {name: index for name, index in found.items() if index is not None}
