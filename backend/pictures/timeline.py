"""One patient on one axis: doses, radiotherapy, symptoms, laboratory samples and adverse events."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.analysis.subjects import AnalysisSubject, Course
from backend.models.lab import stream_results
from backend.pictures.asked import PictureAsked
from backend.pictures.style import (
    COMPONENTS,
    GRADE_HATCHES,
    GRADES,
    GREY,
    INK,
    OTHER,
    VERMILION,
    day_axis,
    legend,
    named,
    nothing,
    number_of,
    plate,
)
from backend.pictures.symptom_days import read_symptom_days

_SYMPTOMS = 8
_SEVERE_SCORE = 3


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is drawn; `symptoms` are the worst score by day of those that were worst."""

    subject: AnalysisSubject
    symptoms: Mapping[str, Mapping[dt.date, int]]
    samples: Mapping[dt.date, bool]
    first: dt.date
    last: dt.date


def read_timeline(asked: PictureAsked) -> Timeline:
    """Read one patient.

    Raises:
        NotFound: not in this frame.
    """
    subject = asked.subject()
    scores = read_symptom_days(asked).scores
    worst = sorted(scores, key=lambda name: (-max(scores[name].values()), name))
    samples: dict[dt.date, bool] = {}
    for result in stream_results(asked.frame, None, subject=subject.id):
        day = dt.date.fromisoformat(result["day"])
        samples[day] = samples.get(day, False) or _beyond(result)
    shown = [name for name in worst if max(scores[name].values())][:_SYMPTOMS]
    days = [
        *(dose.first for dose in subject.doses),
        *(course.onset for course in subject.courses if course.grade),
        *samples,
        *(day for name in shown for day in scores[name]),
    ]
    last = subject.followed_until
    first = min(days, default=last)
    return Timeline(
        subject, {name: scores[name] for name in shown}, samples, first, max([last, *days])
    )


def draw_timeline(asked: PictureAsked) -> Any:  # noqa: ANN401 - matplotlib's figure
    """Draw one patient; a course without an end has an arrow, a provisional grade a dashed frame."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - a second that no other request pays
    from matplotlib.patches import Patch  # noqa: PLC0415

    found = read_timeline(asked)
    courses = sorted(
        (course for course in found.subject.courses if course.grade),
        key=lambda course: (course.onset, course.term),
    )
    given = [name for name in asked.study.components if _doses(found, name)]
    rows = [
        *(asked.study.components[name].name.partition(" (")[0] for name in given),
        *(["Laboratory samples"] if found.samples else []),
        *found.symptoms,
        *(course.term for course in courses),
    ]
    figure, (axis,) = plate(
        f"Timeline of {found.subject.id}",
        asked.facts("One subject; days in the subject's own zone"),
        (
            (
                "Doses: marks are infusions or fractions, bars days by mouth. Samples: filled where a result was "
                "beyond its limits. Symptoms: worst score of the day, 0 to 4 (PRO-CTCAE)."
            ),
            "Events: CTCAE v4.03 grade; full frame: clinician's, dashed frame: provisional. Arrow: no end on record.",
        ),
        height=max(1.5, 0.27 * len(rows)),
    )
    if not rows:
        nothing(axis, "Nothing is on record.")
        return figure
    place = {number: len(rows) - 1 - number for number in range(len(rows))}
    row = 0
    for name in given:
        _draw_doses(axis, found, name, place[row])
        row += 1
    if found.samples:
        for day, beyond in found.samples.items():
            axis.plot(
                number_of(day),
                place[row],
                "^",
                color=VERMILION if beyond else INK,
                fillstyle="full" if beyond else "none",
                markersize=6,
            )
        row += 1
    for name in found.symptoms:
        _draw_scores(axis, found.symptoms[name], place[row])
        row += 1
    for course in courses:
        _draw_course(axis, course, found, place[row])
        row += 1
    places = [place[number] for number in range(len(rows))]
    axis.set_yticks(places, [named(row) for row in rows], fontsize=7)
    axis.set_ylim(-0.8, len(rows) - 0.2)
    day_axis(axis, found.first, found.last)
    axis.grid(axis="x", color="#EEEEEE")
    axis.set_axisbelow(True)
    handles: list[Any] = [
        Patch(
            facecolor=GRADES[grade],
            hatch=GRADE_HATCHES[grade],
            edgecolor=INK,
            label=f"grade {grade}",
        )
        for grade in range(1, 6)
    ]
    handles.append(Line2D([], [], marker="^", color=VERMILION, linestyle="", label="beyond limits"))
    legend(axis, handles)
    return figure


def _doses(found: Timeline, component: str) -> list[Any]:
    return [dose for dose in found.subject.doses if dose.component == component]


def _draw_doses(axis: Any, found: Timeline, component: str, place: float) -> None:  # noqa: ANN401
    colour, marker = COMPONENTS.get(component, OTHER)
    for dose in _doses(found, component):
        end = dose.last or found.last
        if end > dose.first or dose.last is None:
            days = (end - dose.first).days + 1
            axis.barh(
                place, days, left=number_of(dose.first), height=0.34, align="center", color=colour
            )
        else:
            axis.plot(number_of(dose.first), place, marker, color=colour, markersize=7)


def _draw_scores(axis: Any, scores: Mapping[dt.date, int], place: float) -> None:  # noqa: ANN401
    for day, score in scores.items():
        if score:
            axis.text(
                number_of(day),
                place,
                str(score),
                ha="center",
                va="center",
                fontsize=6,
                color=INK if score < _SEVERE_SCORE else VERMILION,
                fontweight="normal" if score < _SEVERE_SCORE else "bold",
            )
        else:
            axis.plot(number_of(day), place, ".", color=GREY, markersize=2)


def _draw_course(axis: Any, course: Course, found: Timeline, place: float) -> None:  # noqa: ANN401
    end = course.end or found.last
    days = max((end - course.onset).days, 0) + 1
    axis.barh(
        place,
        days,
        left=number_of(course.onset),
        height=0.62,
        color=GRADES[course.grade],
        hatch=GRADE_HATCHES[course.grade],
        edgecolor=INK,
        linewidth=0.8,
        linestyle="-" if course.judged else "--",
    )
    dark = course.grade > _SEVERE_SCORE
    axis.text(
        number_of(course.onset) + days / 2,
        place,
        str(course.grade),
        ha="center",
        va="center",
        fontsize=7,
        fontweight="bold",
        bbox={"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"}
        if dark or days
        else None,
    )
    if course.end is None:
        axis.annotate(
            "",
            xy=(number_of(end) + 2.2, place),
            xytext=(number_of(end) + 1, place),
            arrowprops={"arrowstyle": "->", "color": INK},
        )


def _beyond(result: Mapping[str, Any]) -> bool:
    value = result["value"].to_decimal()
    low, high = (result.get(name) and result[name].to_decimal() for name in ("lln", "uln"))
    return bool((low is not None and value < low) or (high is not None and value > high))
