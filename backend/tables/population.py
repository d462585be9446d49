"""The safety population of a table: who is in it, which events count, and what is not known."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from backend import access
from backend.access import Action, Actor
from backend.analysis.subjects import AnalysisSubject, Course, analysis_subjects
from backend.clinical.rules import Ruleset
from backend.errors import Forbidden
from backend.models.frame import Frame
from backend.models.study import Study

ALL, SERIOUS, IMMUNE_RELATED, SPECIAL_INTEREST = (
    "all",
    "serious",
    "immune-related",
    "special-interest",
)
GROUPS = (ALL, SERIOUS, IMMUNE_RELATED, SPECIAL_INTEREST)
# CTCAE grade 3 is severe (CTCAE v4.03, general definition of the grades).
SEVERE = 3
TOTAL = "total"
# Fewer patients than this in a cell may give one of them away to who is blinded (P).
SMALL_CELL = 5
POPULATION = "Safety population: every subject with at least one dose, with or without an event"
WINDOW = (
    "Treatment-emergent: began on or after the first dose, up to {days} days after the last treatment; "
    "a subject counts once a line, by the worst grade"
)
GRADE = "Grade: the clinician's where a course is judged, else the machine's provisional one"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a table is asked for: by whom, of which events, from where, with the arms or without."""

    group: str
    actor: Actor
    frame: Frame
    study: Study
    ruleset: Ruleset
    # The sites whose arms may be seen; None: no arm is shown.
    unblinded: access.Scope | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """Give the arms that are shown, in the study's order."""
        return () if self.unblinded is None else tuple(self.study.arms)

    @property
    def sites(self) -> Collection[str] | None:
        """Give the sites that count (None: all).

        Raises:
            Forbidden: the actor may not read adverse events at all.
        """
        scope = self.unblinded or access.scope(self.actor, Action.ADVERSE_EVENT_READ)
        if scope == access.Scope():
            raise Forbidden
        return scope.sites


@dataclass(frozen=True, slots=True)
class Population:
    """Who is counted, and what is missing: shown beside every table, never left out.

    `unjudged` treatment-emergent courses rest on the machine's grade alone; `window_open` subjects have
    no last treatment on record, so every later event counts.
    """

    treated: tuple[AnalysisSubject, ...]
    not_treated: int
    unjudged: int
    window_open: int

    def size(self, arms: Collection[str]) -> dict[str, int]:
        """Give the number of patients by arm, and of all together."""
        found = {arm: sum(one.arm == arm for one in self.treated) for arm in arms}
        return {**found, TOTAL: len(self.treated)}


@dataclass(frozen=True, slots=True)
class Made:
    """What is needed to make a table again, and what it leaves open."""

    group: str
    blinded: bool
    as_of: dt.datetime
    cut: str | None
    study_version: str
    ruleset_version: str
    population: Mapping[str, int]
    not_treated: int
    unjudged: int
    window_open: int


def read_population(asked: Asked) -> Population:
    """Give the safety population of the sites that the actor may see, in one pass.

    Raises:
        Forbidden: the actor may not read adverse events at all.
    """
    return population_of(
        analysis_subjects(asked.frame, asked.sites, asked.study, asked.ruleset.catalogue),
        asked.frame.as_of,
    )


def population_of(subjects: Iterable[AnalysisSubject], day: dt.date) -> Population:
    """Sort enrolled subjects: the safety population is whoever had a dose up to `day`."""
    treated, others, unjudged = [], 0, 0
    for subject in subjects:
        if subject.first_dose is None or subject.first_dose > day:
            others += 1
            continue
        treated.append(subject)
        unjudged += sum(not course.judged for course in subject.emergent)
    return Population(
        tuple(treated), others, unjudged, sum(one.window_end is None for one in treated)
    )


def made_of(asked: Asked, population: Population) -> Made:
    """Say what a table was made of."""
    return Made(
        group=asked.group,
        blinded=asked.unblinded is None,
        as_of=asked.frame.now,
        cut=asked.frame.cut,
        study_version=asked.frame.study_version or asked.study.version,
        ruleset_version=asked.frame.ruleset_version or asked.ruleset.version,
        population=population.size(asked.arms),
        not_treated=population.not_treated,
        unjudged=population.unjudged,
        window_open=population.window_open,
    )


def counted(subject: AnalysisSubject, group: str) -> tuple[Course, ...]:
    """Give a subject's treatment-emergent courses of a group; the others are as a clinician judged."""
    return tuple(course for course in subject.emergent if _BELONGS[group](course))


def lines_of(
    socs: Mapping[str, str],
) -> Iterator[tuple[str, str | None, str | None, frozenset[str]]]:
    """Give a table's lines as level, SOC, term and the terms that count: all, each SOC, its terms.

    `socs` is the SOC of each term.
    """
    yield "overall", None, None, frozenset(socs)
    for soc in sorted(set(socs.values())):
        terms = sorted(term for term in socs if socs[term] == soc)
        yield "soc", soc, None, frozenset(terms)
        for term in terms:
            yield "term", soc, term, frozenset({term})


def is_small(count: int, population: int) -> bool:
    """Tell whether a count, or what it leaves of the population, is small enough to give one away.

    That nobody had an event gives nobody away.
    """
    return 0 < count < SMALL_CELL or (count > 0 and 0 < population - count < SMALL_CELL)


_BELONGS: Mapping[str, Callable[[Course], bool]] = {
    ALL: lambda _: True,
    SERIOUS: lambda course: bool(course.serious),
    IMMUNE_RELATED: lambda course: bool(course.immune_related),
    SPECIAL_INTEREST: lambda course: bool(course.special_interest),
}
