"""Heat map of one patient's symptoms by day; a day without a diary is hatched, never blank or 0."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.models.diary import stream_diaries
from backend.pictures.asked import PictureAsked
from backend.pictures.style import GRADES, INK, PALE, UNKNOWN_HATCH, legend, nothing, plate

_HIGHEST = 4
_DARK = 3


@dataclass(frozen=True, slots=True)
class SymptomDays:
    """Worst score (0 to 4) by symptom and day; a symptom that was not asked that day has none."""

    days: tuple[dt.date, ...]
    written: frozenset[dt.date]
    scores: Mapping[str, Mapping[dt.date, int]]


def read_symptom_days(asked: PictureAsked) -> SymptomDays:
    """Read one patient's diaries that count.

    Raises:
        NotFound: not in this frame.
    """
    subject = asked.subject()
    scores: dict[str, dict[dt.date, int]] = {}
    written = set()
    for diary in stream_diaries(asked.frame, None, subject=subject.id):
        if diary["superseded"]:
            continue
        day = dt.date.fromisoformat(diary["day"])
        written.add(day)
        for symptom in asked.ruleset.symptoms.values():
            own = [
                diary["scores"][name]
                for item in symptom.items
                for name in [f"{symptom.id}_{item.attribute}"]
                if name in diary["scores"]
            ]
            if own:
                scores.setdefault(symptom.title["en"], {})[day] = max(own)
    if not written:
        return SymptomDays((), frozenset(), {})
    first, last = min(written), max(written)
    days = tuple(first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    ordered = sorted(scores, key=lambda name: (-sum(scores[name].values()), name))
    return SymptomDays(days, frozenset(written), {name: scores[name] for name in ordered})


def draw_symptom_days(asked: PictureAsked) -> Any:  # noqa: ANN401 - matplotlib's figure
    """Draw the scores as coloured squares with their number, the worst symptoms on top."""
    from matplotlib.patches import Patch, Rectangle  # noqa: PLC0415 - see style.plate

    found = read_symptom_days(asked)
    missing = len(found.days) - len(found.written)
    figure, (axis,) = plate(
        f"Symptoms of {asked.subject_id} by day",
        asked.facts(
            f"One subject; {len(found.written)} diaries, {missing} days between them without one"
        ),
        (
            "Worst score of the day's answers about the symptom, 0 to 4 (PRO-CTCAE); a score is no CTCAE grade.",
            "Hatched: no diary came. Grey: a diary came, this symptom was not answered.",
        ),
        height=max(1.5, 0.22 * len(found.scores)),
    )
    if not found.days:
        nothing(axis, "No diary has come.")
        return figure
    names = list(found.scores)
    for column, day in enumerate(found.days):
        if day not in found.written:
            gap = Rectangle(
                (column, 0), 1, len(names), facecolor="white", edgecolor="#BBBBBB", linewidth=0
            )
            gap.set_hatch(UNKNOWN_HATCH)
            axis.add_patch(gap)
            continue
        for row, name in enumerate(reversed(names)):
            score = found.scores[name].get(day)
            colour = PALE if score is None else GRADES[score]
            axis.add_patch(
                Rectangle((column, row), 1, 1, facecolor=colour, edgecolor="white", linewidth=0.4)
            )
            if score:
                axis.text(
                    column + 0.5,
                    row + 0.5,
                    str(score),
                    ha="center",
                    va="center",
                    fontsize=6,
                    color="white" if score >= _DARK else INK,
                )
    axis.set_xlim(0, len(found.days))
    axis.set_ylim(0, len(names))
    axis.set_yticks([row + 0.5 for row in range(len(names))], list(reversed(names)), fontsize=7)
    ticks = range(0, len(found.days), 7)
    axis.set_xticks(
        [tick + 0.5 for tick in ticks], [f"{found.days[tick]:%d %b}" for tick in ticks], fontsize=7
    )
    handles = [
        Patch(facecolor=GRADES[n], edgecolor=INK, label=f"score {n}") for n in range(_HIGHEST + 1)
    ]
    handles.append(Patch(facecolor=PALE, edgecolor=INK, label="not answered"))
    handles.append(
        Patch(facecolor="white", edgecolor="#BBBBBB", hatch=UNKNOWN_HATCH, label="no diary")
    )
    legend(axis, handles)
    return figure
