"""A workbook as a reviewer's own tool reads it."""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import InvalidInput
from backend.files import xlsx
from backend.files.xlsx import write_xlsx
from tests.files.sheets import ROW, sheet


def written(**changes: object) -> bytes:
    target = io.BytesIO()
    write_xlsx(sheet([{**ROW, **changes}, dict.fromkeys(ROW)]), target)
    return target.getvalue()


def opened(**changes: object) -> Any:  # noqa: ANN401 - openpyxl's workbook
    return openpyxl.load_workbook(io.BytesIO(written(**changes)))


def test_values_have_their_types_and_a_missing_one_is_an_empty_cell() -> None:
    page = opened()["Data"]
    head, first, second = page.iter_rows(values_only=True, max_row=3)
    assert head == (
        "Subject",
        "Worst grade",
        "Value",
        "First day",
        "Raised (UTC)",
        "Serious",
        "Flags",
    )
    assert first == (
        "S01-0001",
        3,
        121.5,
        dt.datetime(2026, 2, 10, 0, 0),  # noqa: DTZ001 - a workbook knows no zones
        dt.datetime(2026, 2, 10, 1, 30),  # noqa: DTZ001
        "Y",
        "RASH; EYE",
    )
    assert second == (None,) * 7
    assert page["D2"].number_format == "yyyy-mm-dd"


def test_the_header_is_frozen_filtered_and_repeated_in_print() -> None:
    page = opened()["Data"]
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:G3"
    assert page.print_title_rows == "$1:$1"
    assert page.page_setup.orientation == "landscape"
    assert page.oddFooter.left.text == "events-blinded"
    assert page.oddFooter.right.text == "Page &P of &N"


def test_the_second_page_says_what_the_rows_are() -> None:
    lines = list(opened()["About"].iter_rows(values_only=True, max_col=2))
    assert lines[:4] == [
        ("Title", "Adverse events"),
        ("Population", "Safety population"),
        ("Arms", "blinded"),
        ("Note", "Grades are provisional."),
    ]
    assert ("grade", "Worst grade") in lines


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))))
def test_no_text_is_a_formula_or_a_link(text: str) -> None:
    cell = opened(subject_id=f"={text}")["Data"]["A2"]
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", f"'={text}", None)


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert written() == written()


def test_a_partial_date_stays_a_text_and_a_long_text_says_that_it_was_cut() -> None:
    page = opened(onset="2026-02", subject_id="x" * 40_000)["Data"]
    assert page["D2"].value == "2026-02"
    assert len(page["A2"].value) == 32_767
    assert page["A2"].value.endswith("[cut: too long for a cell]")


def test_more_rows_than_a_sheet_has_are_refused_not_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 2)
    write_xlsx(sheet([ROW] * 2), io.BytesIO())
    with pytest.raises(InvalidInput):
        write_xlsx(sheet([ROW] * 3), io.BytesIO())
