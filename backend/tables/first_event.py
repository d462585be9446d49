"""Time from the first dose to the first adverse event, of any grade and of grade 3 or more."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.analysis.subjects import AnalysisSubject
from backend.statistics.survival import (
    CENSORED,
    COMPETING,
    EVENT,
    Curve,
    LogRank,
    Observed,
    log_rank,
    time_to_event,
)
from backend.tables.exposure_rates import days_at_risk
from backend.tables.population import (
    SEVERE,
    TOTAL,
    Asked,
    Made,
    counted,
    is_small,
    made_of,
    read_population,
)


@dataclass(frozen=True, slots=True)
class FirstEventRow:
    """The curves of one threshold by column; None: hidden, because the cell is small."""

    least_grade: int
    curves: Mapping[str, Curve | None]
    log_rank: LogRank | None


@dataclass(frozen=True, slots=True)
class FirstEvents:
    """The time to the first event of a group, or of one of its terms."""

    made: Made
    term: str | None
    rows: tuple[FirstEventRow, ...]


def first_events(asked: Asked, term: str | None) -> FirstEvents:
    """Give the time to the first event of the group, of one term (None: any).

    Raises:
        Forbidden: the actor may not read adverse events at all.
    """
    population = read_population(asked)
    rows = []
    for least in (1, SEVERE):
        observed = [
            (one.arm, _observed(one, asked.group, term, least)) for one in population.treated
        ]
        columns = {
            column: [seen for arm, seen in observed if column in (arm, TOTAL)]
            for column in (*asked.arms, TOTAL)
        }
        events = sum(seen.status == EVENT for _, seen in observed)
        hidden = not asked.arms and is_small(events, len(observed))
        rows.append(
            FirstEventRow(
                least,
                {
                    name: None if hidden else time_to_event(patients)
                    for name, patients in columns.items()
                },
                log_rank([columns[arm] for arm in asked.arms]),
            )
        )
    return FirstEvents(made_of(asked, population), term, tuple(rows))


def _observed(subject: AnalysisSubject, group: str, term: str | None, least: int) -> Observed:
    onsets = [
        course.onset
        for course in counted(subject, group)
        if course.grade >= least and term in (None, course.term)
    ]
    first = min(onsets, default=None)
    day = days_at_risk(subject, first)
    if first is not None:
        return Observed(day, EVENT)
    died = subject.died_on is not None and subject.died_on <= subject.followed_until
    return Observed(day, COMPETING if died else CENSORED)
