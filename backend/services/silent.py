"""The silent patients: who has missed diaries, weighed by the last word, the drugs and the day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from backend import access
from backend.access import Action, Actor
from backend.clinical.conditions import holds
from backend.clinical.diaryplan import DONE, DONE_LATE, LATE, MISSED
from backend.clinical.exposure import exposure_facts
from backend.clinical.facts import Facts
from backend.clinical.flagrules import TIERS
from backend.clinical.milestones import OFF_STUDY, status_of
from backend.clinical.rules import Ruleset
from backend.clinical.silence import weigh_silence
from backend.models.alert import open_alerts
from backend.models.assessment import assessment_of
from backend.models.diary import newest_diary
from backend.models.subject import Subject, find_subject
from backend.models.window import WindowRecord, subjects_with, windows_of
from backend.services.exposure import doses_of

_BAD = TIERS[:2]
# Late ones too: whoever fell silent is not to wait for a window to close.
_MISSING = (LATE, MISSED)


@dataclass(frozen=True, slots=True)
class Silent:
    """One subject whose last diaries are missing; the higher the score, the sooner the call."""

    subject_id: str
    site: str
    missing: int
    last_day: dt.date | None
    score: int
    reasons: tuple[str, ...]


def list_silent(*, actor: Actor, ruleset: Ruleset, now: dt.datetime) -> tuple[Silent, ...]:
    """Give the silent subjects of the actor's sites, whom to call first at the top."""
    sites = access.scope(actor, Action.ALERT_READ).sites
    found = []
    for subject_id in subjects_with(_MISSING, sites):
        subject = find_subject(subject_id)
        missing = missing_in_a_row(windows_of(subject_id))
        if subject is not None and missing and status_of(subject.milestone_days) != OFF_STUDY:
            found.append(_weighed(subject, missing, ruleset, now))
    return tuple(sorted(found, key=lambda one: (-one.score, one.subject_id)))


def missing_in_a_row(known: Sequence[WindowRecord]) -> int:
    """Count the diaries whose day is over since the last one that came.

    An excused one neither counts nor ends the row.
    """
    missing = 0
    for window in reversed(known):
        if window.state in (DONE, DONE_LATE):
            break
        missing += window.state in _MISSING
    return missing


def _weighed(subject: Subject, missing: int, ruleset: Ruleset, now: dt.datetime) -> Silent:
    today = now.astimezone(ZoneInfo(subject.zone)).date()
    last = newest_diary(subject.id)
    values = exposure_facts(doses_of(subject.id), on=today)
    treated = holds(ruleset.definitions["on_treatment"], Facts(values, {}))
    day = values.get("cycle_day")
    score, reasons = weigh_silence(
        {
            "last_grade": None if last is None else _worst_grade(last.id),
            "missing": missing,
            "open_alert": sum(alert.tier in _BAD for alert in open_alerts(subject.id)),
            "on_treatment": int(bool(treated)),
            "nadir": None if day is None else int(str(day)),
        },
        ruleset.silence,
    )
    return Silent(
        subject.id, subject.site, missing, None if last is None else last.day, score, reasons
    )


def _worst_grade(diary_id: str) -> int | None:
    assessment = assessment_of(diary_id)
    grades = () if assessment is None else assessment.grades
    known = [grade.get("at_least") or grade.get("grade") for grade in grades]
    return max((int(grade) for grade in known if grade), default=None)
