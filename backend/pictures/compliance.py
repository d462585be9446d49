"""Diaries by week: done, done late, missed, excused and still open, of those expected."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from backend.clinical.diaryplan import DONE, DONE_LATE, EXCUSED, MISSED, OPEN
from backend.models.window import stream_windows
from backend.pictures.asked import PictureAsked
from backend.pictures.style import GREEN, GREY, INK, SKY, VERMILION, legend, nothing, plate

STILL_OPEN = "open"
_STATES = (
    (DONE, "done on the day", GREEN, ""),
    (DONE_LATE, "done later", SKY, "//"),
    (MISSED, "missed", VERMILION, "xx"),
    (STILL_OPEN, "still open", "white", ""),
    (EXCUSED, "excused", GREY, ".."),
)


def read_compliance(asked: PictureAsked) -> Mapping[dt.date, Counter[str]]:
    """Count the diaries expected by state, by the Monday of their week."""
    weeks: dict[dt.date, Counter[str]] = {}
    for window in stream_windows(asked.frame, asked.sites):
        day = dt.date.fromisoformat(window["day"])
        monday = day - dt.timedelta(days=day.weekday())
        state = STILL_OPEN if window["state"] in OPEN else window["state"]
        weeks.setdefault(monday, Counter())[state] += 1
    return dict(sorted(weeks.items()))


def draw_compliance(asked: PictureAsked) -> Any:  # noqa: ANN401 - matplotlib's figure
    """Draw a stack a week, with the share that was done of what is over."""
    from matplotlib.patches import Patch  # noqa: PLC0415 - a second that no other request pays

    weeks = read_compliance(asked)
    figure, (axis,) = plate(
        "Diaries expected and done",
        asked.facts(f"Every diary that was expected: {sum(map(Counter.total, weeks.values()))}"),
        ("Above each week: done, late or not, of those that are over (excused ones apart), %.",),
        height=3.2,
    )
    if not weeks:
        nothing(axis, "No diary has been expected yet.")
        return figure
    names = [
        f"{monday:%d %b}\n{monday:%Y}" if n == 0 or monday.month == 1 else f"{monday:%d %b}"
        for n, monday in enumerate(weeks)
    ]
    places = range(len(weeks))
    base = [0] * len(weeks)
    for state, label, colour, hatch in _STATES:
        counts = [counter[state] for counter in weeks.values()]
        axis.bar(
            places,
            counts,
            bottom=base,
            label=label,
            color=colour,
            hatch=hatch,
            edgecolor=INK,
            linewidth=0.6,
        )
        base = [low + count for low, count in zip(base, counts, strict=True)]
    for place, counter in enumerate(weeks.values()):
        done = counter[DONE] + counter[DONE_LATE]
        over = done + counter[MISSED]
        text = f"{100 * done / over:.0f} %" if over else "\u2013"
        axis.text(place, base[place], text, ha="center", va="bottom", fontsize=7)
    axis.set_xticks(list(places), names, fontsize=7)
    axis.set_ylabel("Diaries", fontsize=8)
    axis.set_xlabel("Week from Monday", fontsize=8)
    legend(
        axis,
        [
            Patch(facecolor=colour, hatch=hatch, edgecolor=INK, label=label)
            for _, label, colour, hatch in _STATES
        ],
    )
    return figure
