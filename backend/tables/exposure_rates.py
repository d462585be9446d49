"""Exposure-adjusted incidence rates by SOC and term: first events by patient-time at risk."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from backend.analysis.subjects import AnalysisSubject
from backend.statistics.rates import ExposureRate, RateComparison, compare_rates, exposure_rate
from backend.tables.population import (
    TOTAL,
    Asked,
    Made,
    counted,
    is_small,
    lines_of,
    made_of,
    read_population,
)

TIME = (
    "Time at risk: from the first dose to the first event of the line, else to the last day at risk "
    "(end of the window, end of study, death, or the last day that is known)"
)
_PAIR = 2


@dataclass(frozen=True, slots=True)
class RateRow:
    """One line: everything, one SOC, or one term. A rate is None where its small cell is hidden."""

    level: str
    soc: str | None
    term: str | None
    rates: Mapping[str, ExposureRate | None]
    comparison: RateComparison | None


@dataclass(frozen=True, slots=True)
class ExposureRates:
    """One table of rates per 100 patient-years."""

    made: Made
    rows: tuple[RateRow, ...]


def exposure_rates(asked: Asked) -> ExposureRates:
    """Give the rate of first events by SOC and term; without the arms small cells are hidden.

    Raises:
        Forbidden: the actor may not read adverse events at all.
    """
    population = read_population(asked)
    first: dict[str, dict[str, dt.date]] = {}
    socs: dict[str, str] = {}
    for subject in population.treated:
        own = first.setdefault(subject.id, {})
        for course in counted(subject, asked.group):
            own[course.term] = min(own.get(course.term, course.onset), course.onset)
            socs[course.term] = course.soc
    columns = (*asked.arms, TOTAL)

    def row(level: str, soc: str | None, term: str | None, of: frozenset[str]) -> RateRow:
        begun = {
            number: min((day for name, day in own.items() if name in of), default=None)
            for number, own in first.items()
        }
        rates = {
            column: _rate(
                [one for one in population.treated if column in (one.arm, TOTAL)],
                begun,
                blinded=not asked.arms,
            )
            for column in columns
        }
        shown = [rates[arm] for arm in asked.arms]
        pair = len(shown) == _PAIR and shown[0] is not None and shown[1] is not None
        comparison = compare_rates(shown[0], shown[1]) if pair else None  # type: ignore[arg-type]
        return RateRow(level, soc, term, rates, comparison)

    rows = tuple(row(*line) for line in lines_of(socs))
    return ExposureRates(made_of(asked, population), rows)


def _rate(
    subjects: list[AnalysisSubject], begun: Mapping[str, dt.date | None], *, blinded: bool
) -> ExposureRate | None:
    patients = sum(begun[one.id] is not None for one in subjects)
    if blinded and is_small(patients, len(subjects)):
        return None
    return exposure_rate(patients, sum(days_at_risk(one, begun[one.id]) for one in subjects))


def days_at_risk(subject: AnalysisSubject, event: dt.date | None) -> int:
    """Give the days from the first dose to an event, else to the last day at risk, both counted."""
    if subject.first_dose is None:
        return 0
    return ((event or subject.followed_until) - subject.first_dose).days + 1
