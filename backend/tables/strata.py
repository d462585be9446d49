"""Overall rates within the strata of the randomisation: Cochran-Mantel-Haenszel over MRF."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.statistics.comparison import Rate
from backend.statistics.strata import Stratified, compare_in_strata
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

_PAIR = 2
NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class Stratum:
    """Patients with an event, of all patients, by column; None: hidden, because the cell is small."""

    stratum: str
    population: Mapping[str, int]
    patients: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class StrataRow:
    """One threshold: its strata, and the test over them where there are two arms."""

    least_grade: int
    strata: tuple[Stratum, ...]
    test: Stratified | None


@dataclass(frozen=True, slots=True)
class StrataTable:
    """The group's rates by stratum."""

    made: Made
    rows: tuple[StrataRow, ...]


def strata(asked: Asked) -> StrataTable:
    """Give the rates of a group of events within each stratum; a subject without one is a stratum too.

    Raises:
        Forbidden: the actor may not read adverse events at all.
    """
    population = read_population(asked)
    known = asked.study.strata
    rows = []
    for least in (1, SEVERE):
        patients = [
            (
                one.mrf if one.mrf in known else NOT_RECORDED,
                one.arm,
                any(course.grade >= least for course in counted(one, asked.group)),
            )
            for one in population.treated
        ]
        names = [*known, *sorted({name for name, _, _ in patients} - set(known))]
        found = [_stratum(name, patients, asked.arms) for name in names]
        pairs = [
            tuple(Rate(each.patients[arm] or 0, each.population[arm]) for arm in asked.arms)
            for each in found
            if each.stratum in known
        ]
        test = compare_in_strata(pairs) if len(asked.arms) == _PAIR else None  # type: ignore[arg-type]
        rows.append(StrataRow(least, tuple(found), test))
    return StrataTable(made_of(asked, population), tuple(rows))


def _stratum(name: str, patients: list[tuple[str, str, bool]], arms: tuple[str, ...]) -> Stratum:
    own = [(arm, had) for stratum, arm, had in patients if stratum == name]
    size = {column: sum(column in (arm, TOTAL) for arm, _ in own) for column in (*arms, TOTAL)}
    counts = {column: sum(had and column in (arm, TOTAL) for arm, had in own) for column in size}
    hidden = not arms and is_small(counts[TOTAL], size[TOTAL])
    return Stratum(
        name, size, {column: None if hidden else count for column, count in counts.items()}
    )
