"""All that is known about a subject when something new comes in: the facts that the engine reads."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from pymongo.client_session import ClientSession

from backend.clinical.alerting import OpenAlert
from backend.clinical.exposure import exposure_facts
from backend.clinical.facts import Facts, LabValue, Value
from backend.clinical.freshness import fresh_names
from backend.clinical.intake import Intake, number
from backend.clinical.pipeline import Assessment, assess, only_about
from backend.clinical.rules import Ruleset
from backend.models.alert import AlertRecord, open_alerts
from backend.models.diary import DiaryRecord, days_before
from backend.models.finding import findings_until
from backend.models.lab import results_between
from backend.models.subject import Subject
from backend.services.exposure import doses_of

# A result older than this says little about today (P); a fever's blood count is taken anew anyway.
LABS_COUNT_FOR = dt.timedelta(days=7)
# Yesterday's diary still speaks when today's blood count arrives (P).
ANSWERS_COUNT_FOR = dt.timedelta(days=2)
# How far back the run of days with diarrhoea is counted.
HISTORY_DAYS = 14


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """All that is known, and which of it this source brought (results as `lab:<analyte>`)."""

    facts: Facts
    news: frozenset[str]


@dataclass(frozen=True, slots=True)
class Source:
    """What is being assessed: a diary or a lab report, the day it is about, and the time now.

    `replaces` are the ids of the earlier versions that this one amends.
    """

    kind: str
    id: str
    day: dt.date
    at: dt.datetime
    replaces: tuple[str, ...] = ()


def load_facts(
    subject: Subject,
    source: Source,
    intake: Intake,
    ruleset: Ruleset,
    *,
    session: ClientSession,
) -> KnownFacts:
    """Bring together baseline, exposure, history, recent laboratory results and what is new.

    What is not known stays absent. What is new wins over what is on record.
    """
    earlier = days_before(subject.id, source.day, HISTORY_DAYS, session=session)
    values: dict[str, Value] = dict(subject.baseline)
    values |= exposure_facts(doses_of(subject.id, session=session), on=source.day)
    values |= _findings(subject.id, source.day, ruleset, session)
    values |= _previous_answers(earlier)
    if source.kind == "lab":
        values |= _recent_answers(subject.id, source.day, session)
    labs = results_between(subject.id, source.day - LABS_COUNT_FOR, source.day, session=session)
    new = {**intake.answers, **{name: number(score) for name, score in intake.scores.items()}}
    history = _history({**values, **new}, earlier, source.day)
    # A run of days is news with today's count; a laboratory report only finds it on record.
    (new if "stools_per_day" in new else values).update(history)
    facts = _declared({**values, **new}, {**labs, **intake.labs}, subject, ruleset)
    return KnownFacts(facts, frozenset(new) | {f"lab:{analyte}" for analyte in intake.labs})


def assess_news(known: KnownFacts, ruleset: Ruleset) -> Assessment:
    """Assess all that is known, and keep what rests on at least one fact that is news.

    A blood count of last week helps to read today's fever, but is not graded again every day.
    """
    fresh = fresh_names(known.facts, known.news, ruleset)
    return only_about(assess(known.facts, ruleset), fresh)


def _declared(
    values: Mapping[str, Value],
    labs: Mapping[str, LabValue],
    subject: Subject,
    ruleset: Ruleset,
) -> Facts:
    """Add each result's baseline in its own unit, and leave out what no rule could read."""
    known = {
        analyte: replace(lab, baseline=_baseline(subject, analyte, lab, ruleset))
        for analyte, lab in labs.items()
    }
    return Facts({name: values[name] for name in values if name in ruleset.facts}, known)


def _baseline(subject: Subject, analyte: str, lab: LabValue, ruleset: Ruleset) -> Decimal | None:
    """Give the baseline only where it was reported in the same unit: nothing is converted."""
    baseline = subject.baseline_labs.get(analyte)
    units = ruleset.units
    if baseline is None or not units.meanings(baseline.unit) & units.meanings(lab.unit):
        return None
    return baseline.value


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


def _findings(
    subject_id: str, day: dt.date, ruleset: Ruleset, session: ClientSession
) -> dict[str, Value]:
    """Give what staff found: what is on record until it is stated anew, the rest for two days."""
    found: dict[str, Value] = {}
    for finding in findings_until(subject_id, day, session=session):
        for name, value in finding.values.items():
            declared = ruleset.facts.get(name)
            lasting = declared is not None and declared.asked == "record"
            if lasting or finding.day > day - ANSWERS_COUNT_FOR:
                found[name] = value
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
