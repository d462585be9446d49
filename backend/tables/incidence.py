"""Incidence of adverse events in the safety population, by SOC and term, with the arms or without."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.statistics.comparison import Comparison, Rate, compare
from backend.tables.population import (
    SEVERE,
    TOTAL,
    Asked,
    Made,
    counted,
    is_small,
    lines_of,
    made_of,
    read_population,
)

GRADES = (1, 2, 3, 4, 5)
_PAIR = 2
# A subject's arm and worst grade of each term.
Worst = tuple[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Cell:
    """Patients with the event in each column; None: hidden, because it is a small cell."""

    patients: Mapping[str, int | None]
    percent: Mapping[str, float | None]
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line: everything, one SOC, or one term; a patient counts once in each.

    `by_grade` are the patients of each column by their worst grade; None: hidden.
    """

    level: str
    soc: str | None
    term: str | None
    any_grade: Cell
    severe: Cell
    by_grade: Mapping[str, Mapping[int, int | None]]


@dataclass(frozen=True, slots=True)
class IncidenceTable:
    """One table; `without_events` None: so few that it is hidden."""

    made: Made
    without_events: int | None
    rows: tuple[Row, ...]


def incidence(asked: Asked) -> IncidenceTable:
    """Count patients by SOC and term; without the arms small cells are hidden.

    Raises:
        Forbidden: the actor may not read adverse events at all.
    """
    population = read_population(asked)
    worst: list[Worst] = []
    socs: dict[str, str] = {}
    for subject in population.treated:
        own: dict[str, int] = {}
        for course in counted(subject, asked.group):
            own[course.term] = max(own.get(course.term, 0), course.grade)
            socs[course.term] = course.soc
        worst.append((subject.arm, own))
    size = population.size(asked.arms)
    none = sum(not own for _, own in worst)

    def row(level: str, soc: str | None, term: str | None, of: frozenset[str]) -> Row:
        grades = [
            (arm, max((grade for name, grade in own.items() if name in of), default=0))
            for arm, own in worst
        ]
        return _row(level, soc, term, grades, size)

    rows = tuple(row(*line) for line in lines_of(socs))
    hidden = not asked.arms and is_small(none, size[TOTAL])
    return IncidenceTable(made_of(asked, population), None if hidden else none, rows)


def _row(
    level: str,
    soc: str | None,
    term: str | None,
    grades: list[tuple[str, int]],
    size: Mapping[str, int],
) -> Row:
    blinded = len(size) == 1
    by_grade = {
        column: {
            grade: sum(worst == grade and column in (arm, TOTAL) for arm, worst in grades)
            for grade in GRADES
        }
        for column in size
    }
    found = {column: sum(by_grade[column].values()) for column in size}
    severe = {
        column: sum(count for grade, count in by_grade[column].items() if grade >= SEVERE)
        for column in size
    }
    hide_any = blinded and is_small(found[TOTAL], size[TOTAL])
    # Beside the patients of any grade, their difference would give away those of grade 1 and 2.
    hide_severe = blinded and (
        is_small(severe[TOTAL], size[TOTAL]) or is_small(severe[TOTAL], found[TOTAL])
    )
    return Row(
        level,
        soc,
        term,
        _cell(found, size, hidden=hide_any),
        _cell(severe, size, hidden=hide_severe),
        {
            column: dict(counts) if not blinded else _unless_small(counts, size[TOTAL])
            for column, counts in by_grade.items()
        },
    )


def _unless_small(counts: Mapping[int, int], population: int) -> dict[int, int | None]:
    """Hide every grade where one of them is small: the sum would give it away."""
    if any(is_small(count, population) for count in counts.values()):
        return dict.fromkeys(counts)
    return dict(counts)


def _cell(counts: Mapping[str, int], size: Mapping[str, int], *, hidden: bool) -> Cell:
    rates = [Rate(counts[arm], size[arm]) for arm in size if arm != TOTAL]
    # The protocol compares two arms; one without patients has no rate.
    pair = len(rates) == _PAIR and all(rate.of for rate in rates)
    return Cell(
        patients={name: None if hidden else count for name, count in counts.items()},
        percent={
            name: None if hidden or not size[name] else round(100 * count / size[name], 1)
            for name, count in counts.items()
        },
        comparison=compare(rates[0], rates[1]) if pair else None,
    )
