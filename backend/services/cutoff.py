"""What had happened up to a cut-off day: each kind of document as it was to be known then. Pure.

An event's own day decides, not the day of its entry: a cut of 30 June has what happened in June and was
typed in July, as known when the cut was taken. What reaches beyond the day is shown as going on.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from backend.clinical.episodes import Course, standing

Stored = dict[str, Any]
Days = tuple[str, ZoneInfo]


def as_of(collection: str, stored: Stored, cutoff: dt.date, zone: ZoneInfo) -> Stored | None:
    """Give one document as of the end of `cutoff` in the subject's zone; None: it was not there yet."""
    return _RULES[collection](stored, cutoff.isoformat(), zone)


def _subject(stored: Stored, day: str, zone: ZoneInfo) -> Stored | None:
    if _day(stored["enrolled_at"], zone) > day and not _reached(stored["milestones"], day):
        return None
    return {**stored, "milestones": _reached(stored["milestones"], day)}


def _reached(milestones: list[Mapping[str, Any]], day: str) -> list[Mapping[str, Any]]:
    return [milestone for milestone in milestones if milestone["on"] <= day]


def _exposure(stored: Stored, day: str, _: ZoneInfo) -> Stored | None:
    if stored["first"] > day:
        return None
    return _open_after("last", stored, day)


def _by_day(stored: Stored, day: str, _: ZoneInfo) -> Stored | None:
    return stored if stored["day"] <= day else None


def _alert(stored: Stored, day: str, zone: ZoneInfo) -> Stored | None:
    return stored if _day(stored["raised_at"], zone) <= day else None


def _adverse_event(stored: Stored, day: str, _: ZoneInfo) -> Stored | None:
    """Give a course by the grades of days up to the cut-off and by judgements of what began by then."""
    judged = [
        _open_after("end", judgement, day)
        for judgement in stored.get("adjudications", ())
        if judgement["onset"] <= day
    ]
    grades = [seen for seen in stored["grades"] if seen["day"] <= day]
    found = {**stored, "grades": grades, "adjudications": judged}
    if len(grades) == len(stored["grades"]):
        return _open_after("end", found, day) if judged or stored["onset"] <= day else None
    counted = [
        (dt.date.fromisoformat(seen["day"]), seen["grade"])
        for seen in grades
        if seen.get("retracted_by") is None
    ]
    first = dt.date.fromisoformat(stored["onset"])
    course = standing(Course(stored["_id"], first, first, 1), counted)
    if course is None:
        if not judged:
            return None
        return {name: value for name, value in found.items() if name not in ("worst_grade", "end")}
    changed = {
        "onset": course.onset.isoformat(),
        "last_seen": course.last_seen.isoformat(),
        "worst_grade": course.worst_grade,
    }
    end = {} if course.end is None else {"end": course.end.isoformat()}
    without = {name: value for name, value in found.items() if name != "end"}
    return {**without, **changed, **end}


def _open_after(name: str, stored: Mapping[str, Any], day: str) -> Stored:
    """Give a document without an end that lies beyond the cut-off: then it was going on."""
    end = stored.get(name)
    return {key: value for key, value in stored.items() if key != name or end is None or end <= day}


def _day(moment: dt.datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat()


_RULES: Mapping[str, Callable[[Stored, str, ZoneInfo], Stored | None]] = {
    "subjects": _subject,
    "exposures": _exposure,
    "adverse_events": _adverse_event,
    "alerts": _alert,
    "assessments": _by_day,
    "diaries": _by_day,
    "findings": _by_day,
    "lab_results": _by_day,
    "windows": _by_day,
}
