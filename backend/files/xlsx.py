"""A sheet as an Excel workbook, written in constant memory, with no cell that is a formula."""

import datetime as dt
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from backend.errors import Fault, InvalidInput
from backend.files.csv import safe
from backend.files.sheet import DAY, DECIMAL, INTEGER, LIST, MOMENT, Head, Sheet, plain

# Widths in characters, by type; texts are cut on the screen, never in the cell.
_WIDTHS = {INTEGER: 11, DECIMAL: 11, DAY: 12, MOMENT: 20, LIST: 32}
_TEXT_WIDTH = 24
# Excel's own limit of a cell; longer texts would make the file unreadable.
_LONGEST = 32_767
# Rows of a sheet below its header; the library drops what is beyond without a word.
MOST_ROWS = 1_048_575
_CUT_MARK = " [cut: too long for a cell]"


def write_xlsx(sheet: Sheet, target: IO[bytes]) -> None:
    """Write the rows, and beside them a page that says what they are.

    Header frozen and repeated in print, a filter on every column, numbers, days and moments as such.
    A workbook knows no zones: moments are UTC, and their headers say so.

    Raises:
        InvalidInput: more than `MOST_ROWS` rows.
    """
    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "nan_inf_to_errors": False,
        },
    )
    book.set_properties({"title": sheet.title, "created": _naive(sheet.made_at)})
    formats = {
        "head": book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF4", "bottom": 1}
        ),
        DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
        MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "bold": book.add_format({"bold": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    try:
        _write_rows(book.add_worksheet("Data"), sheet, formats)
        _write_about(book.add_worksheet("About"), sheet, formats)
    finally:
        # Also where the rows were refused half-way: the library's own temporary file is closed by it.
        book.close()


def _write_rows(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:  # noqa: ANN401 - untyped library
    for number, column in enumerate(sheet.columns):
        page.set_column(number, number, _WIDTHS.get(column.type, _TEXT_WIDTH))
        page.write_string(0, number, _label(column), formats["head"])
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L{_footer(sheet.name)}&RPage &P of &N")
    line = 0
    for line, row in enumerate(sheet.rows, start=1):
        if line > MOST_ROWS:
            detail = f"more than {MOST_ROWS} rows: narrow the filters, or take CSV"
            raise InvalidInput(faults=(Fault("format", detail),))
        for number, column in enumerate(sheet.columns):
            _write_cell(page, line, number, row[column.name], column.type, formats)
    page.autofilter(0, 0, max(line, 1), len(sheet.columns) - 1)


def _write_cell(
    page: Any,  # noqa: ANN401 - untyped library
    line: int,
    number: int,
    value: object,
    kind: str,
    formats: dict[str, Any],
) -> None:
    if value is None:
        return
    if kind == MOMENT:
        moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
        page.write_datetime(line, number, _naive(moment), formats[MOMENT])
    elif kind == DAY and _is_whole_day(value):
        day = dt.date.fromisoformat(str(value))
        page.write_datetime(line, number, day, formats[DAY])
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        page.write_number(line, number, float(value))
    else:
        text = str(safe(str(plain(value))))
        if len(text) > _LONGEST:
            text = text[: _LONGEST - len(_CUT_MARK)] + _CUT_MARK
        page.write_string(line, number, text)


def _write_about(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:  # noqa: ANN401 - the same
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 60)
    page.set_column(2, 2, 14)
    lines: list[tuple[str, ...]] = [("Title", sheet.title), *sheet.facts]
    lines += [("Note", note) for note in sheet.notes]
    line = 0
    for line, (name, value) in enumerate(lines):
        page.write_string(line, 0, str(safe(name)), formats["bold"])
        page.write_string(line, 1, str(safe(value)), formats["wrap"])
    for number, head in enumerate(("Column", "Label", "Type")):
        page.write_string(line + 2, number, head, formats["head"])
    for place, column in enumerate(sheet.columns, start=line + 3):
        for number, value in enumerate((column.name, _label(column), column.type)):
            page.write_string(place, number, str(safe(value)))


def _label(column: Head) -> str:
    return f"{column.label} (UTC)" if column.type == MOMENT else column.label


def _is_whole_day(value: object) -> bool:
    try:
        dt.date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _naive(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _footer(text: str) -> str:
    """Give a text that means nothing else in a footer, where & begins a command."""
    return text.replace("&", "&&")
