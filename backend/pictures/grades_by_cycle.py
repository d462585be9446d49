"""Stacked grades: each treated patient's worst grade in each cycle, none and unknown among them."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.analysis.subjects import AnalysisSubject
from backend.models.diary import stream_diaries
from backend.models.lab import stream_results
from backend.pictures.asked import PictureAsked
from backend.pictures.style import (
    GRADE_HATCHES,
    GRADES,
    INK,
    UNKNOWN_HATCH,
    legend,
    nothing,
    plate,
)
from backend.tables.population import is_small

UNKNOWN = -1
_LEVELS = (0, 1, 2, 3, 4, 5, UNKNOWN)
_LABELS = {0: "none", UNKNOWN: "unknown: no diary, result or event"}
ALL = "all"


@dataclass(frozen=True, slots=True)
class CycleGrades:
    """Patients by worst grade (0: none, -1: unknown) of each cycle, in each group."""

    groups: Mapping[str, Mapping[int, Counter[int]]]
    hidden: bool


def read_cycle_grades(asked: PictureAsked) -> CycleGrades:
    """Count patients by the worst grade of each cycle; blinded: nothing where a count is small."""
    seen: dict[str, set[dt.date]] = {}
    for diary in stream_diaries(asked.frame, asked.sites):
        if not diary["superseded"]:
            seen.setdefault(diary["subject_id"], set()).add(dt.date.fromisoformat(diary["day"]))
    for result in stream_results(asked.frame, asked.sites):
        seen.setdefault(result["subject_id"], set()).add(dt.date.fromisoformat(result["day"]))
    groups: dict[str, dict[int, Counter[int]]] = (
        {arm: {} for arm in asked.study.arms} if asked.unblinded else {ALL: {}}
    )
    for subject in asked.subjects():
        group = groups[subject.arm if asked.unblinded else ALL]
        for cycle, (first, last) in cycles_of(subject).items():
            grade = _worst(subject, first, last, seen.get(subject.id, set()))
            group.setdefault(cycle, Counter())[grade] += 1
    hidden = asked.unblinded is None and any(
        is_small(count, sum(counts.values()))
        for counts in groups.get(ALL, {}).values()
        for grade, count in counts.items()
        if grade > 0
    )
    return CycleGrades(groups, hidden)


def cycles_of(subject: AnalysisSubject) -> dict[int, tuple[dt.date, dt.date]]:
    """Give first and last day of each cycle: until the next one begins, or the last day at risk."""
    begins: dict[int, dt.date] = {}
    for dose in subject.doses:
        if dose.cycle is not None:
            begins[dose.cycle] = min(begins.get(dose.cycle, dose.first), dose.first)
    ordered = sorted(begins.items(), key=lambda item: item[1])
    found = {}
    for place, (cycle, first) in enumerate(ordered):
        later = [day for _, day in ordered[place + 1 :]]
        last = min([*later[:1], subject.followed_until + dt.timedelta(days=1)]) - dt.timedelta(
            days=1
        )
        found[cycle] = (first, max(first, last))
    return found


def _worst(subject: AnalysisSubject, first: dt.date, last: dt.date, seen: set[dt.date]) -> int:
    grades = [
        course.grade
        for course in subject.emergent
        if course.onset <= last and (course.end is None or course.end >= first)
    ]
    if grades:
        return max(grades)
    return 0 if any(first <= day <= last for day in seen) else UNKNOWN


def draw_cycle_grades(asked: PictureAsked) -> Any:  # noqa: ANN401 - matplotlib's figure
    """Draw a stack for each cycle, beside each other for the arms where unblinded."""
    from matplotlib.patches import Patch  # noqa: PLC0415 - a second that no other request pays

    found = read_cycle_grades(asked)
    figure, axes = plate(
        "Worst grade by cycle",
        asked.facts("Safety population: patients who began the cycle"),
        (
            (
                "Worst grade of the adverse events that were there in the cycle; the clinician's grade where judged, "
                "else the machine's. The number of patients stands above each column."
            ),
        ),
        height=3.6,
        panels=len(found.groups),
    )
    for axis, (group, cycles) in zip(axes, found.groups.items(), strict=True):
        if found.hidden or not cycles:
            text = "Hidden: fewer than 5 patients in a grade." if cycles else "No cycle has begun."
            nothing(axis, text)
            continue
        for cycle, counts in sorted(cycles.items()):
            whole, base = sum(counts.values()), 0.0
            for level in _LEVELS:
                share = 100 * counts[level] / whole
                if share:
                    axis.bar(
                        str(cycle),
                        share,
                        bottom=base,
                        color=GRADES[max(level, 0)],
                        hatch=UNKNOWN_HATCH if level == UNKNOWN else GRADE_HATCHES[level],
                        edgecolor=INK,
                        linewidth=0.6,
                    )
                    axis.text(
                        str(cycle),
                        base + share / 2,
                        str(counts[level]),
                        ha="center",
                        va="center",
                        fontsize=7,
                        bbox={
                            "boxstyle": "round,pad=0.1",
                            "facecolor": "white",
                            "edgecolor": "none",
                        },
                    )
                base += share
            axis.text(str(cycle), 101, f"n = {whole}", ha="center", va="bottom", fontsize=7)
        axis.set_xlabel("Cycle" if group == ALL else f"Cycle, arm {group}", fontsize=8)
        axis.set_ylim(0, 108)
    axes[0].set_ylabel("Patients, %", fontsize=8)
    legend(
        axes[0],
        [
            Patch(
                facecolor=GRADES[max(level, 0)],
                hatch=UNKNOWN_HATCH if level == UNKNOWN else GRADE_HATCHES[level],
                edgecolor=INK,
                label=_LABELS.get(level, f"grade {level}"),
            )
            for level in _LEVELS
        ],
    )
    return figure
