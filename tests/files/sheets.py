"""A sheet with every type of column, for the tests of the kinds of file."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from backend.files.sheet import (
    DAY,
    DECIMAL,
    INTEGER,
    LIST,
    MOMENT,
    TEXT,
    YES_NO,
    Sheet,
    SheetColumn,
)
from tests.conftest import START

COLUMNS = (
    SheetColumn("subject_id", "Subject", TEXT),
    SheetColumn("grade", "Worst grade", INTEGER),
    SheetColumn("value", "Value", DECIMAL),
    SheetColumn("onset", "First day", DAY),
    SheetColumn("at", "Raised", MOMENT),
    SheetColumn("serious", "Serious", YES_NO),
    SheetColumn("flags", "Flags", LIST),
)
ROW: Mapping[str, Any] = {
    "subject_id": "S01-0001",
    "grade": 3,
    "value": Decimal("121.5"),
    "onset": "2026-02-10",
    "at": dt.datetime(2026, 2, 10, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8))),
    "serious": "Y",
    "flags": ["RASH", "EYE"],
}
NOTHING: Mapping[str, Any] = dict.fromkeys(column.name for column in COLUMNS)


def sheet(rows: Iterable[Mapping[str, Any]] = (ROW, NOTHING)) -> Sheet:
    """Give a sheet of these rows."""
    return Sheet(
        name="events-blinded",
        title="Adverse events",
        facts=(("Population", "Safety population"), ("Arms", "blinded")),
        columns=COLUMNS,
        rows=rows,
        made_at=START,
        notes=("Grades are provisional.",),
    )
