"""Declared columns: who sees which, and CSV that no spreadsheet will run."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from backend.files.csv import write_csv
from backend.files.sheet import LIST, Sheet
from backend.listings.base import Column
from tests.conftest import START

COLUMNS = (
    Column("subject_id", "Subject", "AE.USUBJID", lambda row: row["subject_id"]),
    Column("arm", "Arm", "DM.ARMCD", lambda row: row["arm"], unblinding=True),
    Column("flags", "Flags", "SUPPAE", lambda row: row["flags"], LIST),
)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def written(row: dict[str, object]) -> str:
    sheet = Sheet("events", "Events", (), COLUMNS, [row], START)
    return b"".join(write_csv(sheet)).decode()


def test_a_csv_has_a_header_and_joins_lists() -> None:
    row = {"subject_id": "S01-0001", "arm": "A", "flags": ["RASH", "EYE"]}
    lines = written(row)
    assert lines == "subject_id,arm,flags\r\nS01-0001,A,RASH; EYE\r\n"


@given(st.text())
def test_no_cell_begins_as_a_formula_and_no_text_is_lost(text: str) -> None:
    row = {"subject_id": text, "arm": "A", "flags": [text]}
    _, cells = read(written(row))
    for cell in (cells[0], cells[2]):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert cell.removeprefix("'") == text.removeprefix("'")
