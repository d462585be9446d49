"""Swimmer plot: each treated patient's time on study, with infusions, serious events and ends."""

from typing import Any

from backend.analysis.subjects import AnalysisSubject
from backend.pictures.asked import PictureAsked
from backend.pictures.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    SKY,
    VERMILION,
    legend,
    nothing,
    plate,
)
from backend.tables.exposure_rates import days_at_risk

_MOST = 60


def draw_swimmer(asked: PictureAsked) -> Any:  # noqa: ANN401 - matplotlib's figure
    """Draw every treated patient from the first dose on, the longest on top; by arm where unblinded."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - a second that no other request pays

    treated = [subject for subject in asked.subjects() if subject.treated]
    treated.sort(
        key=lambda one: (one.arm if asked.unblinded else "", -days_at_risk(one, None), one.id)
    )
    shown = treated[:_MOST]
    left_out = f"; the first {_MOST} of {len(treated)} are shown" if len(treated) > _MOST else ""
    order = "By arm, from" if asked.unblinded else "From"
    figure, (axis,) = plate(
        "Time on study",
        asked.facts(f"Safety population, {len(treated)} patients{left_out}"),
        (
            f"{order} the first dose (day 1) to the last day at risk; arrow: still at risk."
            + ("" if asked.unblinded else " Doses are not shown: their days tell the arm."),
        ),
        height=max(1.5, 0.2 * len(shown)),
    )
    if not shown:
        nothing(axis, "Nobody has been treated.")
        return figure
    for place, subject in enumerate(reversed(shown)):
        _draw(axis, subject, place, asked)
    names = [f"{one.id} ({one.arm})" if asked.unblinded else one.id for one in reversed(shown)]
    axis.set_yticks(range(len(shown)), names, fontsize=7)
    axis.set_ylim(-0.7, len(shown) - 0.3)
    axis.set_xlabel("Days since the first dose", fontsize=8)
    marks = [
        ("*", VERMILION, "serious event begins"),
        ("X", INK, "death"),
        ("|", INK, "last treatment"),
    ]
    if asked.unblinded:
        marks += [("v", BLUE, "QL1706 infusion"), ("|", ORANGE, "radiotherapy fraction")]
    legend(
        axis,
        [
            Line2D([], [], marker=marker, color=colour, linestyle="", label=label)
            for marker, colour, label in marks
        ],
    )
    return figure


def _draw(axis: Any, subject: AnalysisSubject, place: int, asked: PictureAsked) -> None:  # noqa: ANN401
    first = subject.first_dose
    if first is None:
        return
    length = days_at_risk(subject, None)
    axis.barh(place, length, height=0.55, color=PALE, edgecolor=GREY, linewidth=0.5)

    def mark(days: list[int], marker: str, colour: str, size: float) -> None:
        axis.plot(days, [place] * len(days), marker, color=colour, markersize=size)

    def days_of(component: str) -> list[int]:
        return [(d.first - first).days + 1 for d in subject.doses if d.component == component]

    if asked.unblinded:
        mark(days_of("radiotherapy"), "|", ORANGE, 8)
        mark(days_of("ql1706"), "v", BLUE, 5)
    serious = [(c.onset - first).days + 1 for c in subject.emergent if c.serious]
    mark(serious, "*", VERMILION, 9)
    ended = subject.milestones.get("last_treatment")
    if ended is not None:
        mark([(ended - first).days + 1], "|", INK, 10)
    if subject.died_on is not None:
        mark([(subject.died_on - first).days + 1], "X", INK, 8)
    elif subject.followed_until == asked.frame.as_of:
        axis.annotate(
            "",
            xy=(length + 1.6, place),
            xytext=(length, place),
            arrowprops={"arrowstyle": "->", "color": SKY},
        )
