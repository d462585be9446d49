"""A laboratory's file: CSV rows, each taken or refused on its own, with a report per row."""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from backend.access import Actor
from backend.clinical.rules import Ruleset
from backend.errors import BackendError, Fault, InvalidInput
from backend.models.study import Study
from backend.services.lab import NewReport, NewResult, record_labs

REQUIRED = ("subject_id", "collected_at", "analyte", "value", "unit")
OPTIONAL = ("lln", "uln", "fasting")
MOST_ROWS = 5_000
_FASTING = {"": None, "yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
_ACCEPTED, _REPEATED, _REFUSED = "accepted", "repeated", "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row; `line` is its line in the file, the header being line 1."""

    line: int
    outcome: str
    column: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file."""

    rows: tuple[Row, ...]

    @property
    def accepted(self) -> int:
        """Count the rows that were stored."""
        return self._count(_ACCEPTED)

    @property
    def repeated(self) -> int:
        """Count the rows that had come before."""
        return self._count(_REPEATED)

    @property
    def refused(self) -> int:
        """Count the rows that changed nothing."""
        return self._count(_REFUSED)

    def _count(self, outcome: str) -> int:
        return sum(row.outcome == outcome for row in self.rows)


def record_file(
    content: bytes,
    *,
    actor: Actor,
    study: Study,
    ruleset: Ruleset,
    now: dt.datetime,
    ids: Callable[[], str],
) -> FileReport:
    """Take a file row by row in its order; the same row sent again is a repeat.

    Raises:
        InvalidInput: it is no UTF-8 text, has too many rows, or lacks a column.
    """

    def take(line: int, cells: Mapping[str, str]) -> Row:
        try:
            report = _report(cells)
            recorded = record_labs(
                cells["subject_id"],
                report,
                actor=actor,
                study=study,
                ruleset=ruleset,
                now=now,
                ids=ids,
            )
        except BackendError as error:
            fault = error.faults[0] if error.faults else Fault("/subject_id", error.title.lower())
            return Row(line, _REFUSED, fault.pointer.rpartition("/")[2], fault.detail)
        return Row(line, _REPEATED if recorded.repeated else _ACCEPTED)

    return FileReport(tuple(take(line, cells) for line, cells in _rows(content)))


def _rows(content: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(faults=(Fault("", "the file is not UTF-8 text"),)) from error
    header = text.partition("\n")[0]
    # Excel writes semicolons where the comma is a decimal sign.
    reader = csv.DictReader(
        io.StringIO(text, newline=""),
        delimiter=";" if header.count(";") > header.count(",") else ",",
    )
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise InvalidInput(
            faults=tuple(Fault(f"/{name}", "this column is missing") for name in missing)
        )
    reader.fieldnames = names
    rows = list(reader)
    if len(rows) > MOST_ROWS:
        raise InvalidInput(faults=(Fault("", f"more than {MOST_ROWS} rows; send it in parts"),))
    for line, cells in enumerate(rows, start=2):
        yield line, {name: (cells.get(name) or "").strip() for name in (*REQUIRED, *OPTIONAL)}


def _report(cells: Mapping[str, str]) -> NewReport:
    digest = hashlib.sha256(repr(sorted(cells.items())).encode()).hexdigest()
    fasting = cells["fasting"].lower()
    if fasting not in _FASTING:
        raise InvalidInput(faults=(Fault("/fasting", "yes, no or empty is expected"),))
    value = _number(cells, "value")
    if value is None:
        raise InvalidInput(faults=(Fault("/value", "a number is expected"),))
    return NewReport(
        submission_id=f"file:{digest[:40]}",
        collected_at=_moment(cells["collected_at"]),
        results=(
            NewResult(
                cells["analyte"],
                value,
                cells["unit"],
                _number(cells, "lln"),
                _number(cells, "uln"),
                _FASTING[fasting],
            ),
        ),
        statements={},
        content_sha256=digest,
    )


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidInput(faults=(Fault("/collected_at", "an ISO 8601 time with offset is expected"),))


def _number(cells: Mapping[str, str], name: str) -> Decimal | None:
    if not cells[name]:
        return None
    try:
        found = Decimal(cells[name])
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise InvalidInput(faults=(Fault(f"/{name}", "a number is expected"),))
    return found
