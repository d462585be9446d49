"""One patient's results of one analyte over time, with their limits and the bands of CTCAE grades."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backend.analysis.subjects import DoseTaken
from backend.clinical.facts import LabValue
from backend.clinical.rules import Ruleset
from backend.errors import Fault, InvalidInput
from backend.models.lab import stream_results
from backend.pictures.asked import PictureAsked
from backend.pictures.style import (
    COMPONENTS,
    GRADES,
    INK,
    OTHER,
    VERMILION,
    day_axis,
    legend,
    nothing,
    number_of,
    plate,
)


@dataclass(frozen=True, slots=True)
class Result:
    """One result as reported, with its own limits; None: they did not come with it."""

    day: dt.date
    value: Decimal
    unit: str
    lln: Decimal | None
    uln: Decimal | None


@dataclass(frozen=True, slots=True)
class Band:
    """Where a grade of a term begins for the newest result; `above`: it is for high values."""

    term: str
    grade: int
    bound: Decimal
    above: bool


@dataclass(frozen=True, slots=True)
class LabTrend:
    """The results in the unit of the newest one; `others` are those in another unit, not drawn."""

    results: tuple[Result, ...]
    others: int
    bands: tuple[Band, ...]
    doses: tuple[DoseTaken, ...]


def read_lab_trend(asked: PictureAsked) -> LabTrend:
    """Read one patient's results of the analyte that is asked for.

    Raises:
        NotFound: the patient is not in this frame.
        InvalidInput: no analyte of ours.
    """
    if asked.analyte not in asked.ruleset.units.analytes:
        raise InvalidInput(faults=(Fault("analyte", "one of the rule set's analytes is expected"),))
    subject = asked.subject()
    found = [
        Result(
            dt.date.fromisoformat(stored["day"]),
            stored["value"].to_decimal(),
            stored["unit"],
            *(stored[key].to_decimal() if stored.get(key) else None for key in ("lln", "uln")),
        )
        for stored in stream_results(asked.frame, None, subject=subject.id)
        if stored["analyte"] == asked.analyte
    ]
    if not found:
        return LabTrend((), 0, (), subject.doses)
    unit = found[-1].unit
    shown = tuple(result for result in found if result.unit == unit)
    bands = tuple(bands_of(asked.ruleset, str(asked.analyte), shown[-1]))
    return LabTrend(shown, len(found) - len(shown), bands, subject.doses)


def bands_of(ruleset: Ruleset, analyte: str, result: Result) -> list[Band]:
    """Give where each grade begins by the rules' own limits, for a result's unit and limits.

    Left out: limits that need what a picture does not know (a baseline, a symptom, fasting).
    """
    lab = LabValue(result.value, result.unit, result.lln, result.uln)
    found = []
    for rule_id in ruleset.readers.get(f"lab:{analyte}", ()):
        rule = ruleset.gradings[rule_id]
        for column in rule.columns:
            fits = column.unit in ("any", result.unit) and column.analyte == analyte
            if not fits or column.when is not None:
                continue
            for grade, limits in column.limits.items():
                for limit in limits:
                    bound = limit.bound(lab)
                    if grade and bound is not None and limit.reference != "BASELINE":
                        found.append(Band(rule.term.name, grade, bound, limit.op.startswith(">")))
    return found


def draw_lab_trend(asked: PictureAsked) -> Any:  # noqa: ANN401 - matplotlib's figure
    """Draw values with their limits, the grades' bands behind them and the doses below."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - a second that no other request pays

    found = read_lab_trend(asked)
    unit = found.results[-1].unit if found.results else ""
    others = f"; {found.others} results in another unit are not drawn" if found.others else ""
    terms = sorted({band.term for band in found.bands})
    figure, (axis,) = plate(
        f"{asked.analyte} of {asked.subject_id}",
        asked.facts(f"One subject; {len(found.results)} results{others}"),
        (
            (
                f"Bands: CTCAE v4.03, {', '.join(terms) or 'no limits that a result alone decides'}; "
                "from the limits of the newest result. Limits are those of each result."
            ),
            "Marks below: days of doses.",
        ),
        height=3.4,
        legend_lines=2,
    )
    if not found.results:
        nothing(axis, "No result is on record.")
        return figure
    values = [float(result.value) for result in found.results]
    known = [
        float(r) for result in found.results for r in (result.lln, result.uln) if r is not None
    ]
    top, bottom = max([*values, *known]) * 1.15, min([*values, *known, 0.0])
    _draw_bands(axis, found.bands, bottom, top)
    days = [number_of(result.day) for result in found.results]
    axis.plot(days, values, "-o", color=INK, markersize=5, linewidth=1.2)
    for name, style in (("uln", (0, (5, 2))), ("lln", (0, (1, 2)))):
        points = [
            (number_of(result.day), float(getattr(result, name)))
            for result in found.results
            if getattr(result, name) is not None
        ]
        axis.plot([d for d, _ in points], [v for _, v in points], color=VERMILION, linestyle=style)
    axis.set_ylim(bottom, top)
    axis.set_ylabel(f"{asked.analyte}, {unit}", fontsize=8)
    height = top - bottom
    given = sorted({dose.component for dose in found.doses})
    for dose in found.doses:
        colour, marker = COMPONENTS.get(dose.component, OTHER)
        # One line for each, so that none hides another.
        place = bottom + (0.03 + 0.035 * given.index(dose.component)) * height
        axis.plot(number_of(dose.first), place, marker, color=colour, markersize=5)
    first = min([found.results[0].day, *(dose.first for dose in found.doses)])
    day_axis(axis, first, max(found.results[-1].day, asked.frame.as_of))
    handles = [
        Line2D([], [], color=INK, marker="o", label="result"),
        Line2D([], [], color=VERMILION, linestyle=(0, (5, 2)), label="upper limit"),
        Line2D([], [], color=VERMILION, linestyle=(0, (1, 2)), label="lower limit"),
    ]
    handles += [
        Line2D(
            [],
            [],
            color=COMPONENTS.get(name, OTHER)[0],
            marker=COMPONENTS.get(name, OTHER)[1],
            linestyle="",
            label=name,
        )
        for name in given
    ]
    legend(axis, handles)
    return figure


def _draw_bands(axis: Any, bands: Sequence[Band], bottom: float, top: float) -> None:  # noqa: ANN401
    for above in (True, False):
        own = sorted((b for b in bands if b.above is above), key=lambda b: b.grade)
        for place, band in enumerate(own):
            edge = top if above else bottom
            further = [float(b.bound) for b in own[place + 1 :]]
            end = further[0] if further else edge
            low, high = sorted((float(band.bound), end))
            if low >= top or high <= bottom:
                continue
            axis.axhspan(
                max(low, bottom), min(high, top), color=GRADES[band.grade], alpha=0.45, linewidth=0
            )
            axis.text(
                0.995,
                (max(low, bottom) + min(high, top)) / 2,
                f"grade {band.grade}",
                transform=axis.get_yaxis_transform(),
                fontsize=6,
                va="center",
                ha="right",
            )
