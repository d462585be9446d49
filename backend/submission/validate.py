"""What must hold of a dataset before it is written; whatever does not stops the writing."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from backend.errors import Conflict
from backend.submission.metadata import DATE, INTEGER, TEXT, Dataset, Variable, codelists
from backend.submission.source import Row

# Limits of SAS transport files, version 5 (SAS TS-140).
LONGEST_NAME, LONGEST_LABEL, LONGEST_VALUE = 8, 40, 200
_NAME = re.compile(r"[A-Z][A-Z0-9]*")
_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?([+-]\d{2}:\d{2}|Z)?)?)?)?")


class DatasetError(Conflict):
    """A dataset that may not be written; the text names dataset, variable and rule, never a value."""


def check(dataset: Dataset, rows: Sequence[Row]) -> None:
    """Check metadata and rows; every fault is named.

    Raises:
        DatasetError: something does not hold.
    """
    faults = [*_metadata(dataset), *_unknown(dataset, rows), *_keys(dataset, rows)]
    for variable in dataset.variables:
        found = {fault for row in rows for fault in _value(variable, row.get(variable.name))}
        faults += sorted(found)
    if faults:
        message = f"{dataset.name}: {'; '.join(faults)}"
        raise DatasetError(message)


def _metadata(dataset: Dataset) -> Iterator[str]:
    for variable in dataset.variables:
        if len(variable.name) > LONGEST_NAME or not _NAME.fullmatch(variable.name):
            yield f"{variable.name}: a name of at most {LONGEST_NAME} letters and digits"
        if len(variable.label) > LONGEST_LABEL or not variable.label.isascii():
            yield f"{variable.name}: a label of at most {LONGEST_LABEL} ASCII letters"
        if variable.type == TEXT and variable.length > LONGEST_VALUE:
            yield f"{variable.name}: a length of at most {LONGEST_VALUE}"
    if len(dataset.label) > LONGEST_LABEL:
        yield f"the dataset's label has more than {LONGEST_LABEL} letters"


def _unknown(dataset: Dataset, rows: Sequence[Row]) -> Iterator[str]:
    known = {variable.name for variable in dataset.variables}
    for name in sorted({name for row in rows for name in row} - known):
        yield f"{name}: not a declared variable"


def _keys(dataset: Dataset, rows: Sequence[Row]) -> Iterator[str]:
    keys = [tuple(row.get(name) for name in dataset.keys) for row in rows]
    if len(set(keys)) < len(keys):
        yield f"{', '.join(dataset.keys)}: two rows with the same keys"
    # A wholly blank row would be lost at the end of a file; a key is never blank.
    if any(key[0] is None for key in keys):
        yield f"{dataset.keys[0]}: missing"


def _value(variable: Variable, value: object) -> Iterator[str]:
    if value is None:
        return
    if variable.type != TEXT:
        wanted = {DATE: dt.date, INTEGER: int}.get(variable.type, float)
        if not isinstance(value, wanted) or isinstance(value, bool):
            yield f"{variable.name}: {variable.type} expected"
        return
    if not isinstance(value, str):
        yield f"{variable.name}: text expected"
        return
    yield from _text(variable, value)


def _text(variable: Variable, value: str) -> Iterator[str]:
    if not value or value != value.strip():
        yield f"{variable.name}: empty, or with space around it, which a file does not keep"
    if len(ascii_of(value).encode()) > variable.length:
        yield f"{variable.name}: more than {variable.length} bytes"
    if variable.name.endswith("DTC") and not _ISO.fullmatch(value):
        yield f"{variable.name}: not ISO 8601"
    if variable.codelist is not None and value not in codelists()[variable.codelist]:
        yield f"{variable.name}: not in code list {variable.codelist}"


def pieces(value: str | None) -> list[str]:
    """Share a text out over values of a transport file: at most 200 bytes each, no space around it.

    None and a text of spaces alone have no piece.
    """
    text, found = (value or "").strip(), []
    while text:
        cut = _fitting(text)
        # Space at the edge of a value is not kept: the cut lies inside a word.
        while 1 < cut < len(text) and (text[cut - 1].isspace() or text[cut].isspace()):
            cut -= 1
        found.append(text[:cut])
        text = text[cut:].lstrip()
    return found


def _fitting(text: str) -> int:
    """Give how many letters from the start fit into one value."""
    size = 0
    for number, letter in enumerate(text):
        size += len(ascii_of(letter))
        if size > LONGEST_VALUE:
            return number
    return len(text)


def ascii_of(value: str) -> str:
    """Give a text in the letters that a transport file has: others as <U+XXXX>, so none is lost."""
    return "".join(
        letter if letter.isascii() and letter.isprintable() else f"<U+{ord(letter):04X}>"
        for letter in value
    )
