"""One visual language: colours that the colour-blind tell apart, hatches beside them, labelled plates."""

import datetime as dt
import textwrap
from collections.abc import Sequence
from typing import Any

# Okabe and Ito (2008), chosen for all forms of colour blindness; black text is legible on each.
ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)
GREY, PALE, INK = "#999999", "#E5E5E5", "#222222"
# Severity is told by lightness and by hatch too, so that it survives a grey print.
GRADES = ("#FFFFFF", "#FFF1C9", "#FBC15E", "#E07B39", "#A63A50", "#3B1C32")
GRADE_HATCHES = ("", "", "..", "//", "xx", "**")
UNKNOWN_HATCH = "\\\\\\\\"
COMPONENTS = {
    "ql1706": (BLUE, "v"),
    "regorafenib": (ORANGE, "s"),
    "capecitabine": (GREEN, "o"),
    "oxaliplatin": (PURPLE, "D"),
    "radiotherapy": (INK, "|"),
}
OTHER = (GREY, "P")
_WIDTH = 10.0
# Letters of a row's name that fit beside an axis.
_NAME = 34


def plate(
    title: str,
    facts: Sequence[str],
    notes: Sequence[str],
    *,
    height: float,
    panels: int = 1,
    legend_lines: int = 1,
) -> tuple[Any, list[Any]]:
    """Give a figure of `height` inches with its title, what it was made of, and its notes below.

    Axes are given from left to right; they share the y axis. The legend has its lines above them.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - a second that no other request pays

    top = 0.42 + 0.17 * len(facts) + 0.18 * legend_lines
    bottom = 0.62 + 0.16 * len(notes)
    whole = height + top + bottom
    figure = Figure(figsize=(_WIDTH, whole))
    axes = figure.subplots(1, panels, sharey=True, squeeze=False)[0]
    figure.subplots_adjust(
        left=0.19, right=0.97, top=1 - top / whole, bottom=bottom / whole, wspace=0.08
    )
    figure.text(0.02, 1 - 0.24 / whole, title, fontsize=13, fontweight="bold", color=INK)
    for number, fact in enumerate(facts):
        figure.text(0.02, 1 - (0.42 + 0.17 * number) / whole, fact, fontsize=8, color=INK)
    for number, note in enumerate(reversed(notes)):
        figure.text(0.02, (0.08 + 0.16 * number) / whole, note, fontsize=7, color=INK)
    for axis in axes:
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
        axis.tick_params(labelsize=8)
    return figure, list(axes)


def named(text: str) -> str:
    """Give a row's name in lines that fit beside an axis."""
    return "\n".join(textwrap.wrap(text, _NAME)) or text


def nothing(axis: Any, text: str) -> None:  # noqa: ANN401 - matplotlib's axis
    """Say in the middle of an axis why there is nothing to see."""
    axis.text(0.5, 0.5, text, ha="center", va="center", transform=axis.transAxes, fontsize=10)
    axis.set_xticks([])
    axis.set_yticks([])


def day_axis(axis: Any, first: dt.date, last: dt.date) -> None:  # noqa: ANN401 - matplotlib's axis
    """Let an axis run over calendar days, a tick a week or more apart."""
    from matplotlib.dates import ConciseDateFormatter, DayLocator  # noqa: PLC0415 - see plate

    locator = DayLocator(interval=max(7, (last - first).days // 84 * 7))
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    margin = dt.timedelta(days=1)
    axis.set_xlim(number_of(first - margin), number_of(last + 3 * margin))


def number_of(day: dt.date) -> float:
    """Give a day as the number that a day axis has."""
    from matplotlib.dates import date2num  # noqa: PLC0415 - see plate

    return float(date2num(day))


def legend(axis: Any, handles: Sequence[Any]) -> None:  # noqa: ANN401 - matplotlib's axis
    """Put a legend above the axis, in as many columns as it has entries."""
    axis.legend(
        handles=list(handles),
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncol=min(len(handles), 7),
        fontsize=7,
        frameon=False,
        borderaxespad=0.2,
    )
