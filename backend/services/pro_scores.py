"""PRO scores over time, of one subject and of all that the actor may see."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend import access
from backend.access import Action, Actor
from backend.clinical.exposure import GIVEN
from backend.clinical.longitudinal import (
    Areas,
    Incidence,
    Point,
    Summary,
    areas,
    cumulative_incidence,
    mean_curve,
    summarise,
)
from backend.clinical.rules import Ruleset
from backend.clinical.symptoms import SymptomRule
from backend.errors import Fault, InvalidInput
from backend.models.assessment import scores_of
from backend.models.diary import current_diaries
from backend.models.subject import subjects_at
from backend.services.exposure import doses_of
from backend.services.subject import subject_for

COMPOSITE = "composite"
_WEEK = 7
Scored = Mapping[dt.date, Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Measure:
    """One attribute of a symptom, or its composite, over time."""

    measure: str
    summary: Summary
    reached_on: dt.date | None
    scores: tuple[tuple[dt.date, Decimal], ...]


@dataclass(frozen=True, slots=True)
class SymptomOverTime:
    """One symptom of one subject; `baseline_on` is the last diary before or on the first dose."""

    symptom: str
    title: str
    baseline_on: dt.date | None
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """One measure over all subjects seen, by whole weeks since the first dose (0: baseline).

    A subject's score of a week is the worst one in it. `areas` are those of the curve of means.
    """

    symptom: str
    measure: str
    threshold: Decimal
    subjects: int
    without_baseline: int
    means: tuple[Point, ...]
    areas: Areas | None
    incidence: tuple[Incidence, ...]


def read_scores(
    subject_id: str,
    *,
    actor: Actor,
    ruleset: Ruleset,
    symptoms: Iterable[str],
    threshold: int,
) -> tuple[SymptomOverTime, ...]:
    """Give a subject's scores by symptom, or of some symptoms; areas are in score times days.

    Raises:
        NotFound, Forbidden: not for this actor.
        InvalidInput: an unknown symptom.
    """
    rules = _rules(symptoms, ruleset)
    subject = subject_for(subject_id, actor, Action.DIARY_READ)
    begun = _begun(subject.id)
    found = []
    for rule in rules:
        days = _scored(subject.id, rule)
        if days:
            found.append(_over_time(rule, days, begun, Decimal(threshold)))
    return tuple(found)


def read_cohort(
    symptom: str, measure: str, *, actor: Actor, ruleset: Ruleset, threshold: int
) -> Cohort:
    """Summarise one measure over the subjects that the actor may see; the arm plays no part.

    Raises:
        InvalidInput: an unknown symptom, or one that has no such measure.
    """
    (rule,) = _rules((symptom,), ruleset)
    if measure not in (*rule.attributes, COMPOSITE):
        raise InvalidInput(faults=(Fault("/measure", "not asked of this symptom"),))
    weekly: list[Mapping[int, Decimal]] = []
    without = 0
    for subject_id in subjects_at(access.scope(actor, Action.ASSESSMENT_READ).sites):
        begun = _begun(subject_id)
        weeks = {} if begun is None else _weekly(_scored(subject_id, rule), measure, begun)
        if 0 in weeks:
            weekly.append(weeks)
        else:
            without += 1
    means = mean_curve(weekly)
    courses = [
        (weeks[0], sorted((week, score) for week, score in weeks.items() if week > 0))
        for weeks in weekly
    ]
    return Cohort(
        symptom=rule.id,
        measure=measure,
        threshold=Decimal(threshold),
        subjects=len(weekly),
        without_baseline=without,
        means=tuple(means),
        areas=areas(means) if means else None,
        incidence=tuple(cumulative_incidence(courses, Decimal(threshold))),
    )


def _rules(symptoms: Iterable[str], ruleset: Ruleset) -> tuple[SymptomRule, ...]:
    asked = tuple(dict.fromkeys(symptoms))
    unknown = [
        Fault("/symptom", f"unknown: {name}") for name in asked if name not in ruleset.symptoms
    ]
    if unknown:
        raise InvalidInput(faults=tuple(unknown))
    return tuple(ruleset.symptoms[name] for name in asked or ruleset.symptoms)


def _begun(subject_id: str) -> dt.date | None:
    """Give the day of the first dose; None before treatment."""
    given = (dose.first for dose in doses_of(subject_id) if dose.kind == GIVEN)
    return min(given, default=None)


def _scored(subject_id: str, rule: SymptomRule) -> Scored:
    """Give the worst score of each measure by day, from the newest versions of the diaries."""
    counted = current_diaries(subject_id)
    days: dict[dt.date, dict[str, Decimal]] = {}
    for source_id, day, score in scores_of(subject_id, rule.id):
        if source_id not in counted:
            continue
        own = days.setdefault(day, {})
        for measure, value in score.items():
            own[measure] = max(own.get(measure, value), value)
    return days


def _over_time(
    rule: SymptomRule, days: Scored, begun: dt.date | None, threshold: Decimal
) -> SymptomOverTime:
    before = [day for day in days if begun is None or day <= begun]
    baseline_on = max(before) if before and begun is not None else None
    measures = [
        _measure(name, days, baseline_on, begun, threshold)
        for name in (*rule.attributes, COMPOSITE)
        if any(name in scores for scores in days.values())
    ]
    return SymptomOverTime(rule.id, rule.title["en"], baseline_on, tuple(measures))


def _measure(
    name: str,
    days: Scored,
    baseline_on: dt.date | None,
    begun: dt.date | None,
    threshold: Decimal,
) -> Measure:
    scores = tuple((day, days[day][name]) for day in sorted(days) if name in days[day])
    baseline = None if baseline_on is None else days[baseline_on].get(name)
    start = baseline_on or begun
    later = [
        ((day - start).days, value)
        for day, value in scores
        if start is not None and (day > start or (baseline_on is None and day >= start))
    ]
    summary = summarise(baseline, later, threshold=threshold)
    reached = None
    if start is not None and summary.reached is not None:
        reached = start + dt.timedelta(days=summary.reached)
    return Measure(name, summary, reached, scores)


def _weekly(days: Scored, measure: str, begun: dt.date) -> dict[int, Decimal]:
    """Give the worst score by week: 0 the last one up to the first dose, 1 the seven days after."""
    weeks: dict[int, Decimal] = {}
    for day in sorted(days):
        value = days[day].get(measure)
        if value is None:
            continue
        if day <= begun:
            weeks[0] = value
            continue
        week = 1 + ((day - begun).days - 1) // _WEEK
        weeks[week] = max(weeks.get(week, value), value)
    return weeks
