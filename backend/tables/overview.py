"""The study at a glance: who is enrolled, what was given, which diaries came, how often events occur."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backend.analysis.subjects import AnalysisSubject, analysis_subjects
from backend.clinical.diaryplan import DONE, DONE_LATE, MISSED
from backend.clinical.milestones import status_of
from backend.models.window import count_windows
from backend.tables.population import (
    GROUPS,
    SEVERE,
    Asked,
    Made,
    counted,
    is_small,
    made_of,
    population_of,
)


@dataclass(frozen=True, slots=True)
class SiteCount:
    """One site's subjects by status, and its diaries that are over.

    `percent_done` is done, late or not, of those that are over; None where none is over.
    """

    site: str
    enrolled: int
    treated: int
    statuses: Mapping[str, int]
    diaries_over: int
    diaries_done: int
    percent_done: float | None


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How many subjects were enrolled in a month (YYYY-MM), and in all up to its end."""

    month: str
    enrolled: int
    so_far: int


@dataclass(frozen=True, slots=True)
class ComponentCount:
    """One component: subjects who had any, and administrations (runs of days by mouth) recorded."""

    component: str
    subjects: int
    administrations: int


@dataclass(frozen=True, slots=True)
class GroupCount:
    """Patients of the safety population with a treatment-emergent event of a group, each once.

    None: a small cell, hidden as in the tables.
    """

    group: str
    patients: int | None
    severe: int | None
    percent: float | None
    percent_severe: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The study at a glance, over both arms together."""

    made: Made
    planned_arms: Mapping[str, str]
    enrolled: int
    treated: int
    sites: tuple[SiteCount, ...]
    months: tuple[MonthCount, ...]
    components: tuple[ComponentCount, ...]
    groups: tuple[GroupCount, ...]


def overview(asked: Asked) -> Overview:
    """Count the study in one pass over its subjects; nothing in it tells an arm.

    Raises:
        Forbidden: the actor may not read adverse events at all.
    """
    subjects = tuple(
        analysis_subjects(asked.frame, asked.sites, asked.study, asked.ruleset.catalogue)
    )
    population = population_of(subjects, asked.frame.as_of)
    treated = population.treated
    return Overview(
        made=made_of(asked, population),
        planned_arms={name: arm.title for name, arm in asked.study.arms.items()},
        enrolled=len(subjects),
        treated=len(treated),
        sites=tuple(_sites(asked, subjects, treated)),
        months=tuple(_months(subjects)),
        components=tuple(_components(asked, subjects)),
        groups=tuple(_groups(treated)),
    )


def _sites(
    asked: Asked, subjects: tuple[AnalysisSubject, ...], treated: tuple[AnalysisSubject, ...]
) -> Iterator[SiteCount]:
    over: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for row in count_windows(asked.frame, asked.sites):
        if row["state"] in (DONE, DONE_LATE, MISSED):
            over[row["site"]] += row["windows"]
        if row["state"] in (DONE, DONE_LATE):
            done[row["site"]] += row["windows"]
    seen = asked.sites
    for site in asked.study.sites:
        if seen is not None and site not in seen:
            continue
        own = [one for one in subjects if one.site == site]
        yield SiteCount(
            site,
            len(own),
            sum(one.site == site for one in treated),
            Counter(status_of(one.milestones) for one in own),
            over[site],
            done[site],
            _percent(done[site], over[site]),
        )


def _months(subjects: tuple[AnalysisSubject, ...]) -> Iterator[MonthCount]:
    by_month = Counter(_enrolled_on(one).strftime("%Y-%m") for one in subjects)
    so_far = 0
    for month in sorted(by_month):
        so_far += by_month[month]
        yield MonthCount(month, by_month[month], so_far)


def _enrolled_on(subject: AnalysisSubject) -> dt.date:
    """Give the day of randomisation; where it is not recorded, the day of the enrolment's entry."""
    return subject.milestones.get("randomised", subject.enrolled_on)


def _components(asked: Asked, subjects: tuple[AnalysisSubject, ...]) -> Iterator[ComponentCount]:
    given: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for subject in subjects:
        for dose in subject.doses:
            given[dose.component][subject.id] += 1
    for component in asked.study.components:
        yield ComponentCount(component, len(given[component]), given[component].total())


def _groups(treated: tuple[AnalysisSubject, ...]) -> Iterator[GroupCount]:
    for group in GROUPS:
        worst = [
            max((course.grade for course in counted(one, group)), default=0) for one in treated
        ]
        patients = sum(grade > 0 for grade in worst)
        severe = sum(grade >= SEVERE for grade in worst)
        shown, shown_severe = (
            None if is_small(count, len(treated)) else count for count in (patients, severe)
        )
        yield GroupCount(
            group,
            shown,
            shown_severe,
            _percent(shown, len(treated)),
            _percent(shown_severe, len(treated)),
        )


def _percent(part: int | None, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole and part is not None else None
