"""Adverse event episodes: how one day's grade opens, extends, worsens, ends or reopens a course."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """What one observation does to the courses of a term."""

    OPEN = "open"
    EXTEND = "extend"
    WORSEN = "worsen"
    REOPEN = "reopen"
    END = "end"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Course:
    """One course of one term: calendar days in the patient's zone, grade 1 to 5.

    `worst_grade` 0: opened by a clinician, and no machine has graded it yet.
    """

    id: str
    onset: dt.date
    last_seen: dt.date
    worst_grade: int
    end: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """The decision: what changes, and the course as it then stands (None where nothing exists)."""

    change: Change
    course: Course | None


def follow(
    courses: Iterable[Course], *, grade: int | None, day: dt.date, gap_days: int, new_id: str
) -> Followed:
    """Place one provisional grade of one term among the term's known courses.

    A grade of `None` (cannot be graded) changes nothing: silence neither ends nor opens a course.
    Grade 0 ends the open course on that day. A grade of 1 or more within `gap_days` of a course
    belongs to it; further away it opens a new one. A late diary moves the onset back, never forward.
    """
    near = [course for course in courses if _is_near(course, day, gap_days)]
    course = max(near, key=lambda known: known.last_seen, default=None)
    if grade is None:
        return Followed(Change.NONE, course)
    if grade == 0:
        return _ended(course, day)
    if course is None:
        return Followed(Change.OPEN, Course(new_id, day, day, grade))
    return _extended(course, grade, day)


def standing(course: Course, seen: Iterable[tuple[dt.date, int]]) -> Course | None:
    """Give a course as it stands by the days that still count; None when none is left.

    `seen` are (day, grade 0 to 5): what an amended diary had said is left out by the caller.
    """
    days = sorted(seen)
    ill = [day for day, grade in days if grade > 0]
    if not ill:
        return None
    well = [day for day, grade in days if grade == 0 and day >= ill[-1]]
    return Course(
        course.id,
        onset=ill[0],
        last_seen=ill[-1],
        worst_grade=max(grade for _, grade in days),
        end=well[0] if well else None,
    )


def _ended(course: Course | None, day: dt.date) -> Followed:
    if course is None or course.end is not None or day < course.last_seen:
        return Followed(Change.NONE, course)
    return Followed(
        Change.END, Course(course.id, course.onset, course.last_seen, course.worst_grade, day)
    )


def _extended(course: Course, grade: int, day: dt.date) -> Followed:
    reopened = course.end is not None and day >= course.end
    then = Course(
        course.id,
        min(course.onset, day),
        max(course.last_seen, day),
        max(course.worst_grade, grade),
        None if reopened else course.end,
    )
    if grade > course.worst_grade:
        return Followed(Change.WORSEN, then)
    return Followed(Change.REOPEN if reopened else Change.EXTEND, then)


def _is_near(course: Course, day: dt.date, gap_days: int) -> bool:
    gap = dt.timedelta(days=gap_days)
    return course.onset - gap <= day <= (course.end or course.last_seen) + gap
