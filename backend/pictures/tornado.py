"""Tornado: how often each adverse event was seen in each arm, any grade and grade 3 or more."""

from typing import Any

from backend.pictures.asked import PictureAsked
from backend.pictures.style import BLUE, INK, ORANGE, PALE, legend, named, nothing, plate
from backend.tables.incidence import IncidenceTable, incidence
from backend.tables.population import ALL, Asked

_MOST = 25
_PAIR = 2


def read_tornado(asked: PictureAsked) -> IncidenceTable:
    """Count by arm, as the table of incidence does.

    Raises:
        Forbidden: the actor may not read adverse events at all.
    """
    table = Asked(ALL, asked.actor, asked.frame, asked.study, asked.ruleset, asked.unblinded)
    return incidence(table)


def draw_tornado(asked: PictureAsked) -> Any:  # noqa: ANN401 - matplotlib's figure
    """Draw the first arm to the left, the second to the right; the most frequent terms on top."""
    from matplotlib.patches import Patch  # noqa: PLC0415 - a second that no other request pays

    table = read_tornado(asked)
    arms = list(asked.study.arms)[:_PAIR]
    size = table.made.population
    rows = [row for row in table.rows if row.level == "term"]
    rows.sort(key=lambda row: (-(row.any_grade.patients["total"] or 0), row.term or ""))
    shown = rows[:_MOST]
    figure, (axis,) = plate(
        "Adverse events by arm",
        asked.facts(
            "Safety population: " + ", ".join(f"arm {arm}: {size.get(arm, 0)}" for arm in arms)
        ),
        (
            (
                "Treatment-emergent; a patient counts once a term, by the worst grade (clinician's where judged, else "
                f"provisional). The {len(shown)} most frequent of {len(rows)} terms. Patients: any grade (grade 3 or more)."
            ),
        ),
        height=max(1.5, 0.24 * len(shown)),
    )
    if not shown or not all(size.get(arm) for arm in arms):
        nothing(axis, "There is nothing to compare.")
        return figure
    for place, row in enumerate(reversed(shown)):
        for arm, side, colour in zip(arms, (-1, 1), (BLUE, ORANGE), strict=True):
            whole = size[arm]
            any_grade = row.any_grade.patients[arm] or 0
            severe = row.severe.patients[arm] or 0
            axis.barh(
                place, side * 100 * any_grade / whole, height=0.7, color=PALE, edgecolor=colour
            )
            axis.barh(
                place,
                side * 100 * severe / whole,
                height=0.7,
                color=colour,
                hatch="//",
                edgecolor=INK,
            )
            axis.text(
                side * (100 * any_grade / whole + 1.5),
                place,
                f"{any_grade} ({severe})",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=6,
            )
    axis.axvline(0, color=INK, linewidth=0.8)
    axis.set_yticks(
        range(len(shown)), [named(str(row.term)) for row in reversed(shown)], fontsize=7
    )
    axis.set_xlim(-112, 112)
    axis.set_ylim(-0.7, len(shown) - 0.3)
    ticks = range(-100, 101, 25)
    axis.set_xticks(list(ticks), [str(abs(tick)) for tick in ticks])
    axis.set_xlabel(f"arm {arms[0]}  \u2190  patients, %  \u2192  arm {arms[1]}", fontsize=8)
    handles = [Patch(facecolor=PALE, edgecolor=INK, label="any grade")]
    handles += [
        Patch(facecolor=colour, hatch="//", edgecolor=INK, label=f"grade 3 or more, arm {arm}")
        for arm, colour in zip(arms, (BLUE, ORANGE), strict=True)
    ]
    legend(axis, handles)
    return figure
