"""A laboratory's file: CSV rows, each taken or refused on its own, with a report per row."""

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from backend.access import Actor
from backend.clinical.rules import Ruleset
from backend.errors import BackendError, Fault, InvalidInput
from backend.models.study import Study
from backend.services.lab import NewReport, NewResult, record_labs
from backend.services.sample import Reported

REQUIRED = ("subject_id", "collected_at", "analyte", "value", "unit")
OPTIONAL = ("lln", "uln", "fasting", "on_anticoagulation")
# A row is a commit of its own; more would keep the sender waiting for minutes.
MOST_ROWS = 1_000
ACCEPTED, REPEATED, REFUSED = "accepted", "repeated", "refused"
OUTCOMES = (ACCEPTED, REPEATED, REFUSED)
_YES_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
# Digits with a decimal point: `1,5` and `1.234,5` could be read in two ways.
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,9})?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row; `line` is its line in the file, the header being line 1."""

    line: int
    outcome: str
    column: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file; `unread_columns` are in it and were not read."""

    rows: tuple[Row, ...]
    unread_columns: tuple[str, ...]

    @property
    def accepted(self) -> int:
        """Count the rows that were stored."""
        return self._count(ACCEPTED)

    @property
    def repeated(self) -> int:
        """Count the rows that had come before."""
        return self._count(REPEATED)

    @property
    def refused(self) -> int:
        """Count the rows that changed nothing."""
        return self._count(REFUSED)

    def _count(self, outcome: str) -> int:
        return sum(row.outcome == outcome for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: tuple[str, ...]


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

    Comma, semicolon or tab between the cells; a byte order mark is passed over. A time without an
    offset is the local time of the subject's site.

    Raises:
        InvalidInput: it is no UTF-8 text or no CSV, has too many rows, or lacks a column.
    """
    header, lines = _read(content)

    def take(line: _Line) -> Row:
        try:
            if any(line.cells[len(header) :]):
                raise InvalidInput(faults=(Fault("", "more cells than the header has columns"),))
            cells = {**dict.fromkeys((*REQUIRED, *OPTIONAL), ""), **dict(zip(header, line.cells))}  # noqa: B905 - empty cells at the end may be left out
            recorded = record_labs(
                cells["subject_id"],
                _report(cells, study),
                actor=actor,
                study=study,
                ruleset=ruleset,
                now=now,
                ids=ids,
            )
        except BackendError as error:
            return _refused(line, error)
        return Row(line.number, REPEATED if recorded.repeated else ACCEPTED)

    known = {*REQUIRED, *OPTIONAL}
    return FileReport(
        tuple(take(line) for line in lines),
        tuple(name for name in header if name and name not in known),
    )


def _refused(line: _Line, error: BackendError) -> Row:
    if not error.faults:
        # Not there, not this actor's, or the database is away: nothing that the row says is wrong.
        missing = error.kind in ("not-found", "forbidden")
        reason = (error.detail or error.title).rstrip(".").lower()
        return Row(line.number, REFUSED, "subject_id" if missing else None, reason)
    fault = error.faults[0]
    return Row(line.number, REFUSED, fault.pointer.rpartition("/")[2] or None, fault.detail)


def _read(content: bytes) -> tuple[tuple[str, ...], list[_Line]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(faults=(Fault("", "the file is not UTF-8 text"),)) from error
    first, *lines = list(_lines(text)) or [_Line(1, ())]
    header = tuple(name.lower() for name in first.cells)
    faults = [
        Fault(f"/{name}", "this column is missing") for name in REQUIRED if name not in header
    ]
    faults += [Fault(f"/{name}", "two columns of this name") for name in _twice(header)]
    if len(lines) > MOST_ROWS:
        faults.append(Fault("", f"more than {MOST_ROWS} rows; send it in parts"))
    if faults:
        raise InvalidInput(faults=tuple(faults))
    return header, lines


def _lines(text: str) -> Iterator[_Line]:
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                yield _Line(number, stripped)
            number = reader.line_num + 1
    except csv.Error as error:
        detail = f"line {reader.line_num} is no CSV: {error}"
        raise InvalidInput(faults=(Fault("", detail),)) from error


def _twice(header: tuple[str, ...]) -> list[str]:
    return sorted({name for name in header if name and header.count(name) > 1})


def _report(cells: Mapping[str, str], study: Study) -> NewReport:
    for name in REQUIRED:
        if not cells[name]:
            raise InvalidInput(faults=(Fault(f"/{name}", "this cell is empty"),))
    read = {name: cells[name] for name in (*REQUIRED, *OPTIONAL)}
    digest = hashlib.sha256(repr(sorted(read.items())).encode()).hexdigest()
    anticoagulation = _yes_no(cells, "on_anticoagulation")
    reported = Reported(
        cells["analyte"],
        _number(cells["value"], "value"),
        cells["unit"],
        _number(cells["lln"], "lln") if cells["lln"] else None,
        _number(cells["uln"], "uln") if cells["uln"] else None,
    )
    return NewReport(
        submission_id=f"file:{digest[:40]}",
        collected_at=_moment(cells, study),
        results=(NewResult(reported, _yes_no(cells, "fasting")),),
        statements={} if anticoagulation is None else {"on_anticoagulation": anticoagulation},
        content_sha256=digest,
    )


def _moment(cells: Mapping[str, str], study: Study) -> dt.datetime:
    text = cells["collected_at"]
    expected = "a time such as 2026-03-01 08:30 or 2026-03-01T08:30+08:00 is expected"
    fault = InvalidInput(faults=(Fault("/collected_at", expected),))
    if not _MOMENT.fullmatch(text):
        raise fault
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            site = study.sites.get(cells["subject_id"].partition("-")[0])
            moment = moment.replace(tzinfo=ZoneInfo(site.zone) if site else dt.UTC)
        moment = moment.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise fault from error
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _number(text: str, column: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        detail = "a number with a decimal point is expected"
        raise InvalidInput(faults=(Fault(f"/{column}", detail),))
    return Decimal(text)


def _yes_no(cells: Mapping[str, str], column: str) -> bool | None:
    text = cells[column].lower()
    if text and text not in _YES_NO:
        raise InvalidInput(faults=(Fault(f"/{column}", "yes, no or empty is expected"),))
    return _YES_NO.get(text)
