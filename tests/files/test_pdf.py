"""A PDF as another program reads it."""

import io

import pypdf
import pytest

from backend.errors import InvalidInput
from backend.files import pdf
from backend.files.pdf import write_pdf
from backend.files.sheet import Sheet, SheetColumn
from tests.conftest import START
from tests.files.sheets import NOTHING, ROW, sheet


def pages(made: Sheet) -> list[str]:
    target = io.BytesIO()
    write_pdf(made, target)
    return [page.extract_text() for page in pypdf.PdfReader(target).pages]


def test_the_first_page_says_what_the_rows_are_and_each_page_which_of_how_many() -> None:
    found = pages(sheet([ROW] * 120))
    assert len(found) > 2
    for part in ("Adverse events", "Population: Safety population", "Arms: blinded", "Rows: 120"):
        assert part in found[0]
    for number, text in enumerate(found, start=1):
        assert f"page {number} of {len(found)}" in text
        assert "events-blinded" in text
        # The header is repeated wherever there are rows.
        assert "Worst grade" in " ".join(text.split())
    assert sum(text.count("S01-0001") for text in found) == 120
    assert "Grades are provisional." in found[-1]


def test_a_missing_value_is_a_dash_and_markup_is_text() -> None:
    (text,) = pages(sheet([{**NOTHING, "subject_id": "<b>&amp;</b>"}]))
    assert "<b>&amp;</b>" in text
    assert text.count("\u2013") == 6


def test_chinese_is_written_in_a_font_that_has_it() -> None:
    target = io.BytesIO()
    write_pdf(sheet([{**ROW, "subject_id": "\u8179\u6cfb grade 3"}]), target)
    (page,) = pypdf.PdfReader(target).pages
    assert "\u8179\u6cfb" in page.extract_text()


def test_columns_that_do_not_fit_follow_in_parts_that_begin_with_the_first() -> None:
    columns = [SheetColumn(f"c{number}", f"Column {number}") for number in range(30)]
    row = {column.name: f"value {column.name}, which is somewhat long" for column in columns}
    found = " ".join(pages(Sheet("wide", "Wide", (), columns, [row], START)))
    assert "part 1 of" in found
    assert found.count("Column 0") > 1
    for column in columns:
        assert f"value {column.name}," in " ".join(found.split())


def test_the_same_sheet_gives_the_same_bytes() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    write_pdf(sheet(), first)
    write_pdf(sheet(), second)
    assert first.getvalue() == second.getvalue()


def test_more_rows_than_anybody_reads_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_ROWS", 3)
    with pytest.raises(InvalidInput):
        write_pdf(sheet([ROW] * 4), io.BytesIO())
    assert len(pages(sheet([ROW] * 3))) == 1


def test_a_header_stands_once_a_page_and_a_very_long_text_goes_on() -> None:
    long = " ".join(f"word{number}" for number in range(900))
    rows = [{**ROW, "subject_id": f"some words {number} " * 9} for number in range(30)]
    found = pages(sheet([*rows, {**ROW, "subject_id": long}]))
    # The last page may have the notes alone.
    assert {text.count("First day") for text in found[:-1]} == {1}
    assert found[-1].count("First day") < 2
    whole = " ".join(" ".join(found).split())
    for number in (0, 450, 899):
        assert f"word{number}" in whole
