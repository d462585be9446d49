"""Incidence of adverse events in the safety population, by SOC and term, with the arms or without."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical.exposure import GIVEN
from backend.clinical.rules import Ruleset
from backend.comparison import Comparison, Rate, compare
from backend.db import transaction
from backend.errors import Forbidden
from backend.models.adverse_event import AdverseEventRecord, courses_of
from backend.models.audit import AuditEntry, append
from backend.models.study import Study
from backend.models.subject import find_subject, subjects_at
from backend.services.exposure import doses_of

ALL, SERIOUS, IMMUNE_RELATED = "all", "serious", "immune-related"
GROUPS = (ALL, SERIOUS, IMMUNE_RELATED)
# CTCAE grade 3 is severe (CTCAE v4.03, general definition of the grades).
SEVERE = 3
# Fewer patients than this in a cell may give one of them away to who is blinded (P).
SMALL_CELL = 5
TOTAL = "total"
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Treated:
    """One patient of the safety population, with the worst grade of each term in the window."""

    subject_id: str
    arm: str
    worst: Mapping[str, int]
    unjudged: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Patients with the event in each column; None: hidden, because it is a small cell."""

    patients: Mapping[str, int | None]
    percent: Mapping[str, float | None]
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line: everything, one SOC, or one term; a patient counts once in each."""

    level: str
    soc: str | None
    term: str | None
    any_grade: Cell
    severe: Cell


@dataclass(frozen=True, slots=True)
class Incidence:
    """One table, with what is needed to make it again; `unjudged`: courses no clinician has judged."""

    group: str
    blinded: bool
    as_of: dt.datetime
    study_version: str
    ruleset_version: str
    population: Mapping[str, int]
    without_events: int
    unjudged: int
    rows: tuple[Row, ...]


def read_incidence(
    group: str, *, actor: Actor, study: Study, ruleset: Ruleset, now: dt.datetime
) -> Incidence:
    """Give the table without arms; small cells are hidden.

    Raises:
        Forbidden: the actor may not read adverse events at all.
    """
    scope = access.scope(actor, Action.ADVERSE_EVENT_READ)
    if scope == access.Scope():
        raise Forbidden
    treated = _safety_population(subjects_at(scope.sites), group, study, now)
    return _table(group, (), treated, study, ruleset, now)


def read_incidence_by_arm(
    group: str,
    reason: str,
    *,
    actor: Actor,
    study: Study,
    ruleset: Ruleset,
    now: dt.datetime,
    ids: Callable[[], str],
) -> Incidence:
    """Give the table by arm, of the sites where the actor may see it; who did and why is kept first.

    Raises:
        Forbidden: the actor may see no arm.
    """
    scope = access.scope(actor, Action.ARM_READ)
    if scope == access.Scope():
        raise Forbidden
    seen = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action="table:unblinded",
        target=f"table/incidence/{group}",
        details={"reason": reason, "sites": sorted(scope.sites or study.sites)},
    )

    def story(session: ClientSession) -> None:
        append(seen, session=session)

    transaction(story)
    treated = _safety_population(subjects_at(scope.sites), group, study, now)
    return _table(group, tuple(study.arms), treated, study, ruleset, now)


def _safety_population(
    subject_ids: Iterable[str], group: str, study: Study, now: dt.datetime
) -> tuple[Treated, ...]:
    """Give everybody who had at least one dose, with or without an event."""
    found = []
    for subject_id in subject_ids:
        subject = find_subject(subject_id)
        first = min(
            (dose.first for dose in doses_of(subject_id) if dose.kind == GIVEN), default=None
        )
        if subject is None or first is None or first > now.date():
            continue
        last = subject.milestone_days.get("last_treatment")
        until = None if last is None else last + dt.timedelta(days=study.safety_window_days)
        worst: dict[str, int] = {}
        unjudged = 0
        for event in courses_of(subject_id):
            if not event.counts or not _emerged(event, first, until):
                continue
            unjudged += event.judged is None
            known = _known(event, group)
            if known is not None:
                term, grade = known
                worst[term] = max(worst.get(term, 0), grade)
        found.append(Treated(subject_id, subject.arm, worst, unjudged))
    return tuple(found)


def _emerged(event: AdverseEventRecord, first: dt.date, until: dt.date | None) -> bool:
    """Tell whether a course began on treatment, or within the window after its end."""
    onset = event.judged.onset if event.judged is not None else event.onset
    return onset >= first and (until is None or onset <= until)


def _known(event: AdverseEventRecord, group: str) -> tuple[str, int] | None:
    """Give term and grade that count: the clinician's where judged, else the machine's."""
    judged = event.judged
    if judged is not None:
        belongs = {ALL: True, SERIOUS: judged.serious, IMMUNE_RELATED: judged.immune_related}
        # A judged grade of 0 says that there was no event.
        return (judged.term, judged.grade) if belongs[group] and judged.grade else None
    return (event.term, event.worst_grade) if group == ALL and event.worst_grade else None


def _table(
    group: str,
    arms: tuple[str, ...],
    treated: tuple[Treated, ...],
    study: Study,
    ruleset: Ruleset,
    now: dt.datetime,
) -> Incidence:
    population = {arm: sum(one.arm == arm for one in treated) for arm in arms}
    population[TOTAL] = len(treated)
    terms = sorted({term for one in treated for term in one.worst})
    socs = {term: ruleset.catalogue[term].soc for term in terms}

    def row(level: str, soc: str | None, term: str | None, counted: Iterable[str]) -> Row:
        of = frozenset(counted)
        worst = [
            (one.arm, max((grade for name, grade in one.worst.items() if name in of), default=0))
            for one in treated
        ]
        return Row(level, soc, term, *(_cell(worst, least, population) for least in (1, SEVERE)))

    rows = [row("overall", None, None, terms)]
    for soc in sorted(set(socs.values())):
        own = [term for term in terms if socs[term] == soc]
        rows.append(row("soc", soc, None, own))
        rows.extend(row("term", soc, term, (term,)) for term in own)
    return Incidence(
        group=group,
        blinded=not arms,
        as_of=now,
        study_version=study.version,
        ruleset_version=ruleset.version,
        population=population,
        without_events=sum(not one.worst for one in treated),
        unjudged=sum(one.unjudged for one in treated),
        rows=tuple(rows),
    )


def _cell(worst: list[tuple[str, int]], least: int, population: Mapping[str, int]) -> Cell:
    counts = {
        column: sum(grade >= least and column in (arm, TOTAL) for arm, grade in worst)
        for column in population
    }
    arms = [column for column in population if column != TOTAL]
    rates = [Rate(counts[arm], population[arm]) for arm in arms]
    # The protocol compares two arms; one without patients has no rate.
    pair = len(rates) == _PAIR and all(rate.of for rate in rates)
    comparison = compare(rates[0], rates[1]) if pair else None
    hidden = {column for column, count in counts.items() if not arms and 0 < count < SMALL_CELL}
    return Cell(
        patients={name: None if name in hidden else count for name, count in counts.items()},
        percent={
            name: None
            if name in hidden or not population[name]
            else round(100 * count / population[name], 1)
            for name, count in counts.items()
        },
        comparison=comparison,
    )
