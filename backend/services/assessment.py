"""All that is known about a subject when something new comes in: the facts that the engine reads."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend.clinical.alerting import OpenAlert
from backend.clinical.exposure import exposure_facts
from backend.clinical.facts import Facts, Value
from backend.clinical.intake import Intake, number
from backend.clinical.rules import Ruleset, derive_facts
from backend.models.alert import AlertRecord, open_alerts
from backend.models.diary import DiaryRecord, days_before
from backend.models.exposure import doses_of
from backend.models.lab import results_between
from backend.models.subject import Subject

# A result older than this says little about today (P); a fever's blood count is taken anew anyway.
LABS_COUNT_FOR = dt.timedelta(days=7)
# Yesterday's diary still speaks when today's blood count arrives (P).
ANSWERS_COUNT_FOR = dt.timedelta(days=2)
# How far back the run of days with diarrhoea is counted.
HISTORY_DAYS = 14


@dataclass(frozen=True, slots=True)
class Source:
    """What is being assessed: a diary or a lab report, the day it is about, and the time now."""

    kind: str
    id: str
    day: dt.date
    at: dt.datetime


def load_facts(
    subject: Subject,
    source: Source,
    intake: Intake,
    ruleset: Ruleset,
    *,
    session: ClientSession,
) -> Facts:
    """Bring together baseline, exposure, history, recent laboratory results and what is new.

    What is not known stays absent. What is new wins over what is on record.
    """
    earlier = days_before(subject.id, source.day, HISTORY_DAYS, session=session)
    values: dict[str, Value] = dict(subject.baseline)
    values |= exposure_facts(doses_of(subject.id, session=session), on=source.day)
    values |= _previous_answers(earlier)
    if source.kind == "lab":
        values |= _recent_answers(subject.id, source.day, session)
    values |= intake.answers
    values |= {name: number(score) for name, score in intake.scores.items()}
    values |= _history(values, earlier, source.day)
    labs = dict(
        results_between(subject.id, source.day - LABS_COUNT_FOR, source.day, session=session)
    )
    return derive_facts(Facts(values, labs | dict(intake.labs)), ruleset)


def known_alerts(subject: Subject, *, session: ClientSession) -> tuple[OpenAlert, ...]:
    """Give the subject's open alerts as the pure core reads them."""
    return tuple(_open(alert) for alert in open_alerts(subject.id, session=session))


def _open(alert: AlertRecord) -> OpenAlert:
    return OpenAlert(
        id=alert.id,
        flag_id=alert.flag_id,
        tier=alert.tier,
        state=alert.state,
        raised_at=alert.raised_at,
        acknowledged_at=alert.acknowledged_at,
    )


def _previous_answers(earlier: tuple[DiaryRecord, ...]) -> dict[str, Value]:
    # The last time each item was answered, not the last diary: an item may be asked weekly.
    found: dict[str, Value] = {}
    for diary in earlier:
        for name, score in diary.scores.items():
            found.setdefault(f"previous_{name}", number(score))
    return found


def _recent_answers(subject_id: str, day: dt.date, session: ClientSession) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for diary in days_before(subject_id, day + dt.timedelta(days=1), 2, session=session):
        if diary.day > day - ANSWERS_COUNT_FOR:
            for name, value in diary.answers.items():
                found.setdefault(name, value)
            for name, score in diary.scores.items():
                found.setdefault(name, number(score))
    return found


def _history(
    values: Mapping[str, Value], earlier: tuple[DiaryRecord, ...], day: dt.date
) -> dict[str, Value]:
    baseline = values.get("baseline_stools_per_day")
    if baseline is None or isinstance(baseline, str):
        return {}
    run = 0
    if _more_stools(values, baseline):
        run = 1
        expected = day
        for diary in earlier:
            expected -= dt.timedelta(days=1)
            if diary.day != expected or not _more_stools(diary.answers, baseline):
                break
            run += 1
    return {"diarrhoea_days": number(run)} if run else {}


def _more_stools(answers: Mapping[str, Value], baseline: Value) -> bool:
    stools = answers.get("stools_per_day")
    return stools is not None and not isinstance(stools, str) and stools > baseline  # type: ignore[operator]
