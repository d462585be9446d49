"""PRO scores over time: worst, change from baseline, area under the curve, cumulative incidence.

Worst, baseline-adjusted worst and area are those of ProAE 1.0.4 (toxSummary, toxTables, toxAUC;
Langlais, Dueck). A missing score is missing: no function here puts anything in its place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

# Days or weeks since treatment began; score 0 to 4, or composite 0 to 3.
Point = tuple[int, Decimal]
_ZERO = Decimal(0)
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Areas:
    """Area between a curve and its baseline, in score times time: above it, and below (0 or less)."""

    worsening: Decimal
    improvement: Decimal


@dataclass(frozen=True, slots=True)
class Summary:
    """One score of one person over time; None where a baseline or a later score is missing.

    `worst` is the highest after the baseline. `adjusted` is the worst where that is worse than the
    baseline, else 0. `change_worst` and `change_latest` are the difference from the baseline.
    `reached` is the first time after the baseline at or above the threshold and above the baseline.
    """

    baseline: Decimal | None
    observed: int
    worst: Decimal | None
    adjusted: Decimal | None
    change_worst: Decimal | None
    change_latest: Decimal | None
    reached: int | None
    areas: Areas | None


@dataclass(frozen=True, slots=True)
class Incidence:
    """How many of those with a baseline and a later score had reached the threshold by a time.

    `followed` are those who still gave scores at that time or later, or had reached it before.
    """

    time: int
    reached: int
    followed: int
    subjects: int

    @property
    def proportion(self) -> Decimal:
        """Give the part of all subjects that had reached it, 0 to 1."""
        return Decimal(self.reached) / Decimal(self.subjects)


def summarise(baseline: Decimal | None, later: Sequence[Point], *, threshold: Decimal) -> Summary:
    """Summarise one score; `later` are the points after the baseline, which is at time 0, in order."""
    worst = max((value for _, value in later), default=None)
    known = baseline is not None and worst is not None
    return Summary(
        baseline=baseline,
        observed=len(later),
        worst=worst,
        adjusted=adjusted_worst(baseline, worst),
        change_worst=worst - baseline if baseline is not None and worst is not None else None,
        change_latest=later[-1][1] - baseline if baseline is not None and later else None,
        reached=first_reached(baseline, later, threshold),
        areas=areas([(0, baseline), *later]) if known and baseline is not None else None,
    )


def adjusted_worst(baseline: Decimal | None, worst: Decimal | None) -> Decimal | None:
    """Give the worst score after baseline where it is worse than the baseline, else 0 (toxSummary)."""
    if baseline is None or worst is None:
        return None
    return worst if worst > baseline else _ZERO


def first_reached(
    baseline: Decimal | None, later: Iterable[Point], threshold: Decimal
) -> int | None:
    """Give the first time at or above `threshold` and above the baseline; None: never, or no baseline."""
    if baseline is None:
        return None
    return next((time for time, value in later if value >= threshold and value > baseline), None)


def areas(curve: Sequence[Point]) -> Areas:
    """Give the areas above and below the first point's value, by the trapezoid rule (toxAUC).

    Where the curve crosses the baseline between two points, the crossing is a point of its own, so
    that a triangle above and one below do not cancel each other.
    """
    base = curve[0][1]
    worsening = improvement = _ZERO
    for (before, first), (after, second) in pairwise(curve):
        width = Decimal(after - before)
        left, right = first - base, second - base
        if left * right < 0:
            crossing = width * left / (left - right)
            parts = [crossing * left * _HALF, (width - crossing) * right * _HALF]
        else:
            parts = [width * (left + right) * _HALF]
        worsening += sum((part for part in parts if part > 0), _ZERO)
        improvement += sum((part for part in parts if part < 0), _ZERO)
    return Areas(worsening, improvement)


def mean_curve(subjects: Iterable[Mapping[int, Decimal]]) -> list[Point]:
    """Give the mean score at each time, over those who gave one then (toxAUC's group level)."""
    found: dict[int, list[Decimal]] = {}
    for scores in subjects:
        for time, value in scores.items():
            found.setdefault(time, []).append(value)
    return [
        (time, sum(values, _ZERO) / Decimal(len(values))) for time, values in sorted(found.items())
    ]


def cumulative_incidence(
    subjects: Iterable[tuple[Decimal, Sequence[Point]]], threshold: Decimal
) -> list[Incidence]:
    """Count by time who has reached the threshold; `subjects` have a baseline and later points each."""
    known = [
        (first_reached(baseline, later, threshold), later[-1][0])
        for baseline, later in subjects
        if later
    ]
    times = sorted(
        {time for reached, last in known for time in (reached, last) if time is not None}
    )
    return [
        Incidence(
            time=time,
            reached=sum(reached is not None and reached <= time for reached, _ in known),
            followed=sum(
                last >= time or (reached is not None and reached <= time) for reached, last in known
            ),
            subjects=len(known),
        )
        for time in times
    ]
