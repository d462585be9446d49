"""A sheet as a paged PDF: title, what it was made of, and the rows with their header on each page."""

import datetime as dt
import textwrap
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape  # it reads nothing  # nosec B406

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    LongTable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)

from backend.errors import Fault, InvalidInput
from backend.files.sheet import Head, Sheet, plain

# A person reads no more on paper, and the whole document is laid out in memory.
MOST_ROWS = 20_000
MISSING = "\u2013"
_PAGE = landscape(A4)
_MARGIN = 12 * mm
_SPACE = _PAGE[0] - 2 * _MARGIN
# A column is as wide as its words need, texts wrap from here on, in points.
_WRAP, _PADDING = 112.0, 5.0
# So many rows are measured; a longer word further below is broken.
_MEASURED = 500
# Letters of a text that stand in one row: some 45 lines in the narrowest column that wraps.
_LONGEST = 1200
_SIZE, _LEADING = 6.5, 8.0
_LATIN, _BOLD, _CJK = "DejaVuSans", "DejaVuSans-Bold", "STSong-Light"
_FIRST_CJK = "\u2e80"


def write_pdf(sheet: Sheet, target: IO[bytes]) -> None:
    """Write the sheet; columns that do not fit beside each other follow in parts, each with the first.

    A missing value is a dash. The same sheet gives the same bytes.

    Raises:
        InvalidInput: more than `MOST_ROWS` rows.
    """
    _load_fonts()
    rows = list(islice(sheet.rows, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        detail = f"more than {MOST_ROWS} rows: narrow the filters, or take CSV or XLSX"
        raise InvalidInput(faults=(Fault("format", detail),))
    document = SimpleDocTemplate(
        target,
        pagesize=_PAGE,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 6 * mm,
        title=sheet.title,
        author="",
        invariant=1,
    )
    story: list[Any] = list(_head(sheet, len(rows)))
    widths = _widths(sheet.columns, rows)
    parts = list(_parts(sheet.columns, widths))
    for number, part in enumerate(parts, start=1):
        if len(parts) > 1:
            story.append(_paragraph(f"Columns, part {number} of {len(parts)}", LABEL))
        columns = [sheet.columns[place] for place in part]
        story.append(_table(columns, [widths[place] for place in part], rows))
        if number < len(parts):
            story.append(PageBreak())
    story += [Spacer(0, 4 * mm), *(_paragraph(note, PLAIN) for note in sheet.notes)]
    document.build(story, canvasmaker=numbered(sheet.name, sheet.made_at, _PAGE))


def _head(sheet: Sheet, rows: int) -> Iterator[Any]:
    yield _paragraph(sheet.title, TITLE)
    for name, value in (*sheet.facts, ("Rows", str(rows))):
        yield Paragraph(f"<b>{marked(name)}:</b> {marked(value)}", PLAIN)
    yield Spacer(0, 4 * mm)


def _parts(columns: Sequence[Head], widths: Sequence[float]) -> Iterator[list[int]]:
    """Share columns out so that each part fits the page; every part begins with the first column."""
    part, width = [0], widths[0]
    for number in range(1, len(columns)):
        if width + widths[number] > _SPACE:
            yield part
            part, width = [0], widths[0]
        part.append(number)
        width += widths[number]
    yield part


def _widths(columns: Sequence[Head], rows: Sequence[Any]) -> list[float]:
    """Measure what each column's longest word needs, and its texts up to where they wrap."""
    found = []
    for column in columns:
        words = [_width(word, _BOLD) for word in column.label.split()]
        for row in rows[:_MEASURED]:
            text = _shown(row[column.name])
            words += [min(_width(text, _LATIN), _WRAP), *(_width(w, _LATIN) for w in text.split())]
        found.append(min(max(words), 2 * _WRAP) + _PADDING)
    return found


def _width(text: str, font: str) -> float:
    return float(pdfmetrics.stringWidth(text, font, _SIZE))


def _table(columns: list[Head], natural: list[float], rows: Sequence[Any]) -> LongTable:
    # A little air, but never a few columns torn apart over the whole page.
    stretch = min(_SPACE / sum(natural), 1.35)
    widths = [width * stretch for width in natural]
    cells = [[_paragraph(column.label, LABEL) for column in columns]]
    for row in rows:
        # A row that is higher than a page could not be laid out: a long text goes on in the next one.
        texts = [
            textwrap.wrap(_shown(row[column.name]), _LONGEST, replace_whitespace=False)
            for column in columns
        ]
        cells += [
            [_paragraph(text, PLAIN) for text in line] for line in zip_longest(*texts, fillvalue="")
        ]
    style = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
            ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.HexColor("#999999")),
            ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#E8EEF4")),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ]
    )
    return LongTable(cells, colWidths=widths, repeatRows=1, style=style, hAlign="LEFT")


def _shown(value: object) -> str:
    found = plain(value)
    return MISSING if found is None or found == "" else str(found)


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(marked(text), style)


def marked(text: str) -> str:
    """Give a text as markup in which runs of Chinese have the font that has their letters."""
    found, run, inside = [], "", False
    for letter in text:
        if (letter >= _FIRST_CJK) is not inside:
            found.append(_run(run, cjk=inside))
            run, inside = "", not inside
        run += letter
    return "".join([*found, _run(run, cjk=inside)]).replace("\n", "<br/>")


def _run(text: str, *, cjk: bool) -> str:
    # What cannot be drawn (control characters) would stop the document.
    shown = "".join(letter for letter in text if letter.isprintable() or letter == "\n")
    return f'<font name="{_CJK}">{escape(shown)}</font>' if cjk and shown else escape(shown)


def numbered(name: str, made_at: dt.datetime, size: tuple[float, float]) -> type[Canvas]:
    """Give a canvas that knows at the end how many pages there are, and says so on each."""

    class Numbered(Canvas):  # type: ignore[misc] # the library ships no types
        def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 - the library's own
            super().__init__(*args, **named)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - the library's name
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self.setFont(_LATIN, _SIZE)
                self.drawString(_MARGIN, _MARGIN, name)
                self.drawCentredString(size[0] / 2, _MARGIN, made_at.isoformat(" ", "minutes"))
                of = f"page {number} of {len(self._pages)}"
                self.drawRightString(size[0] - _MARGIN, _MARGIN, of)
                super().showPage()
            super().save()

    return Numbered


def _load_fonts() -> None:
    """Register the fonts: matplotlib's DejaVu is embedded, the Chinese one is the reader's own."""
    if _CJK in pdfmetrics.getRegisteredFontNames():
        return
    import matplotlib as mpl  # noqa: PLC0415 - for its folder of fonts alone

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name in (_LATIN, _BOLD):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(
        _LATIN, normal=_LATIN, bold=_BOLD, italic=_LATIN, boldItalic=_BOLD
    )
    pdfmetrics.registerFont(UnicodeCIDFont(_CJK))


_load_fonts()
PLAIN = ParagraphStyle("plain", fontName=_LATIN, fontSize=_SIZE, leading=_LEADING, splitLongWords=1)
LABEL = ParagraphStyle("label", parent=PLAIN, fontName=_BOLD)
TITLE = ParagraphStyle("title", parent=PLAIN, fontName=_BOLD, fontSize=13, leading=17, spaceAfter=4)
