"""The diary's plan: on which days one is expected, what it asks, and when its window opens and closes."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

# Where a subject stands on a day, from the plan's point of view.
BASELINE, CYCLE, RADIOTHERAPY, REST = "baseline", "cycle", "radiotherapy", "rest"
SURGERY, FOLLOW_UP, WATCH_AND_WAIT = "surgery", "follow_up", "watch_and_wait"
PHASES = (BASELINE, CYCLE, RADIOTHERAPY, REST, SURGERY, FOLLOW_UP, WATCH_AND_WAIT)

# A window's states; each is stored with its time. Done late was done after its day was over.
DUE, REMINDED, LATE, MISSED = "due", "reminded", "late", "missed"
DONE, DONE_LATE, EXCUSED = "done", "done_late", "excused"
OPEN = (DUE, REMINDED, LATE)
STATES = (*OPEN, MISSED, DONE, DONE_LATE, EXCUSED)

_DAY = dt.timedelta(days=1)
_WEEK = 7
_NEVER = 10**6
# Where the last fraction is not recorded: five fractions end within a week (study protocol).
_RADIOTHERAPY_DAYS = 7


@dataclass(frozen=True, slots=True)
class Phase:
    """How often a phase asks: every `every_days` days, counted from its first one; 0: never.

    `arms` empty: in every arm. `ask`: symptoms beside the daily ones.
    """

    every_days: int
    arms: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extra:
    """Symptoms that are asked while a component is on board: up to `within_days` after its last day."""

    component: str
    within_days: int
    ask: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The study's plan of diaries; days are days after surgery or the last treatment."""

    daily: tuple[str, ...]
    weekly: tuple[str, ...]
    phases: Mapping[str, Phase]
    extras: tuple[Extra, ...]
    cycle_days: int
    safety_window_days: int
    surgery_days: int


@dataclass(frozen=True, slots=True)
class Course:
    """What is known of a subject's way: calendar days in the subject's zone.

    `cycles` are the first days of the cycles; `since`, on the day in question, the days since each
    component was last taken.
    """

    arm: str
    randomised: dt.date
    cycles: tuple[dt.date, ...] = ()
    radiotherapy: tuple[dt.date, dt.date | None] | None = None
    first_treatment: dt.date | None = None
    last_treatment: dt.date | None = None
    surgery: dt.date | None = None
    watch_and_wait: dt.date | None = None
    off_study: dt.date | None = None
    since: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Times:
    """When a window opens, when its day is over, and when it is missed; in UTC."""

    opens_at: dt.datetime
    due_at: dt.datetime
    closes_at: dt.datetime


def phase_on(day: dt.date, course: Course, plan: Plan) -> tuple[str, dt.date] | None:
    """Give the phase of a day and its first day; None where nothing is asked any more, or not yet."""
    if day < course.randomised or (course.off_study is not None and day >= course.off_study):
        return None
    if course.surgery is not None and 0 <= (day - course.surgery).days < plan.surgery_days:
        return SURGERY, course.surgery
    last = course.last_treatment
    if last is not None and day > last:
        if (day - last).days <= plan.safety_window_days:
            return FOLLOW_UP, last
        waits = course.watch_and_wait
        return (WATCH_AND_WAIT, waits) if waits is not None and day >= waits else None
    return _on_treatment(day, course, plan)


def _on_treatment(day: dt.date, course: Course, plan: Plan) -> tuple[str, dt.date]:
    if course.radiotherapy is not None:
        first, ended = course.radiotherapy
        if first <= day <= (ended or first + (_RADIOTHERAPY_DAYS - 1) * _DAY):
            return RADIOTHERAPY, first
    for first in sorted(course.cycles, reverse=True):
        if 0 <= (day - first).days < plan.cycle_days:
            return CYCLE, first
    if course.first_treatment is not None and day >= course.first_treatment:
        return REST, course.first_treatment
    return BASELINE, course.randomised


def asked_on(day: dt.date, course: Course, plan: Plan) -> tuple[str, tuple[str, ...]] | None:
    """Give the phase and the symptoms asked on a day; None where no diary is expected."""
    found = phase_on(day, course, plan)
    if found is None:
        return None
    name, first = found
    phase = plan.phases.get(name)
    if phase is None or not phase.every_days or (phase.arms and course.arm not in phase.arms):
        return None
    if (day - first).days % phase.every_days:
        return None
    weekly = plan.weekly if (day - course.randomised).days % _WEEK == 0 else ()
    extras = (
        symptom
        for extra in plan.extras
        if course.since.get(extra.component, _NEVER) <= extra.within_days
        for symptom in extra.ask
    )
    return name, tuple(dict.fromkeys((*plan.daily, *weekly, *phase.ask, *extras)))


def window_times(day: dt.date, zone: str, *, close_after: dt.timedelta) -> Times:
    """Give the times of a day's window in a zone: from midnight to midnight, and until it is missed."""
    opens = midnight(day, zone)
    due = midnight(day + _DAY, zone)
    return Times(opens, due, due + close_after)


def midnight(day: dt.date, zone: str) -> dt.datetime:
    """Give the beginning of a day on the wall clock of a zone, in UTC."""
    return moment(day, dt.time(), zone)


def moment(day: dt.date, time: dt.time, zone: str) -> dt.datetime:
    """Give a time of day of a zone in UTC; one that daylight saving leaves out is an hour later."""
    return dt.datetime.combine(day, time, ZoneInfo(zone)).astimezone(dt.UTC)


def reminders(
    first: dt.datetime, again: Iterable[dt.timedelta], *, until: dt.datetime
) -> tuple[dt.datetime, ...]:
    """Give when to remind: at the chosen time, then again after each pause, while the day lasts."""
    times = [first, *(first + pause for pause in again)]
    return tuple(time for time in times if time < until)
