"""A laboratory report: the same story as a diary, from the results to what follows from them."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession

from backend.access import Action, Actor
from backend.clinical.alerting import decide_alerts
from backend.clinical.intake import Intake, read_statements
from backend.clinical.rules import Ruleset
from backend.db import transaction
from backend.errors import Conflict, Fault, InvalidInput
from backend.models import lab as labs
from backend.models.lab import LabResult, lab_value
from backend.models.lock import lock_subject
from backend.models.study import ReferenceRange, Study
from backend.models.subject import Subject
from backend.services.assessment import Source, assess_news, known_alerts, load_facts
from backend.services.commit import Story, commit
from backend.services.paging import Page, read_cursor, write_cursor
from backend.services.subject import subject_for

# No analyte of this study reaches it in any unit (platelets in /mm3 stay below ten million).
LARGEST_VALUE = Decimal(10) ** 8


@dataclass(frozen=True, slots=True)
class NewResult:
    """One result as reported."""

    analyte: str
    value: Decimal
    unit: str
    lln: Decimal | None
    uln: Decimal | None
    fasting: bool | None


@dataclass(frozen=True, slots=True)
class NewReport:
    """The results of one sample, and what staff state with it (such as anticoagulation)."""

    submission_id: str
    collected_at: dt.datetime
    results: tuple[NewResult, ...]
    statements: Mapping[str, object]
    content_sha256: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was stored; `repeated`: it had come before and nothing was changed."""

    report_id: str
    results: tuple[LabResult, ...]
    repeated: bool


def record_labs(
    subject_id: str,
    report: NewReport,
    *,
    actor: Actor,
    study: Study,
    ruleset: Ruleset,
    now: dt.datetime,
    ids: Callable[[], str],
) -> Recorded:
    """Take one report: all that follows becomes visible together with it, or nothing does.

    Raises:
        NotFound, Forbidden: not for this actor.
        InvalidInput: unknown analyte or unit, a value that cannot be, a future time; a fault each.
        Conflict: the submission id was used for another report.
    """
    subject = subject_for(subject_id, actor, Action.LAB_RECORD)
    statements = read_statements(report.statements, ruleset)
    results = _read(report, subject, actor, study=study, ruleset=ruleset, now=now, ids=ids)

    def story(session: ClientSession) -> Recorded:
        lock_subject(subject.id, session=session)
        first = _find_report(subject, report, session)
        if first is not None:
            return first
        source = Source("lab", results[0].report_id, results[0].day, now)
        new = {result.analyte: lab_value(result) for result in results}
        known = load_facts(subject, source, Intake(statements, {}, new), ruleset, session=session)
        assessment = assess_news(known, ruleset)
        decisions = decide_alerts(assessment.flags, known_alerts(subject, session=session), now=now)
        for result in results:
            labs.insert_result(result, session=session)
        told = Story(subject, source, actor, study, ruleset, ids, session)
        commit(told, known, assessment, decisions)
        return Recorded(source.id, results, repeated=False)

    return transaction(story)


def list_labs(subject_id: str, *, actor: Actor, limit: int, cursor: str | None) -> Page[LabResult]:
    """Give a subject's results, newest day first.

    Raises:
        NotFound, Forbidden: not for this actor.
    """
    subject = subject_for(subject_id, actor, Action.LAB_READ)
    before = read_cursor(cursor, (str, str))
    rows = labs.page(subject.id, limit + 1, before=before)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], write_cursor((last.day.isoformat(), last.id)) if last else None)


def _find_report(subject: Subject, report: NewReport, session: ClientSession) -> Recorded | None:
    known = labs.results_of_submission(subject.id, report.submission_id, session=session)
    if not known:
        return None
    if known[0].content_sha256 != report.content_sha256:
        message = "This submission_id was used for another report."
        raise Conflict(message)
    return Recorded(known[0].report_id, known, repeated=True)


def _read(
    report: NewReport,
    subject: Subject,
    actor: Actor,
    *,
    study: Study,
    ruleset: Ruleset,
    now: dt.datetime,
    ids: Callable[[], str],
) -> tuple[LabResult, ...]:
    faults: list[Fault] = []
    results: dict[str, LabResult] = {}
    report_id = ids()
    if report.collected_at > now:
        faults.append(Fault("/collected_at", "this time has not come yet"))
    for index, new in enumerate(report.results):
        where = f"/results/{index}"
        analyte = ruleset.units.analyte(new.analyte)
        meanings = ruleset.units.meanings(new.unit)
        if analyte is None:
            faults.append(Fault(f"{where}/analyte", "unknown analyte"))
            continue
        if not meanings:
            faults.append(Fault(f"{where}/unit", "unknown unit"))
        if not 0 <= new.value < LARGEST_VALUE:
            faults.append(Fault(f"{where}/value", "0 or more, and below 100 million"))
        if analyte in results:
            faults.append(Fault(f"{where}/analyte", "reported twice in one sample"))
        if new.lln is not None and new.uln is not None and new.lln >= new.uln:
            faults.append(Fault(f"{where}/lln", "below the upper limit is expected"))
        usual = _usual(study, subject.site, analyte, meanings)
        own = new.lln is not None or new.uln is not None
        results[analyte] = LabResult(
            id=ids(),
            report_id=report_id,
            submission_id=report.submission_id,
            subject_id=subject.id,
            site=subject.site,
            analyte=analyte,
            value=new.value,
            unit=new.unit,
            # Limits come as a pair from one place: a result's own, or else the site's.
            lln=new.lln if own or usual is None else usual.lln,
            uln=new.uln if own or usual is None else usual.uln,
            limits_from="result" if own else "site" if usual else "none",
            fasting=new.fasting,
            collected_at=report.collected_at,
            day=report.collected_at.astimezone(ZoneInfo(subject.zone)).date(),
            recorded_at=now,
            recorded_by=actor.id,
            content_sha256=report.content_sha256,
        )
    if faults:
        raise InvalidInput(faults=tuple(faults))
    return tuple(results.values())


def _usual(
    study: Study, site: str, analyte: str, meanings: frozenset[str]
) -> ReferenceRange | None:
    ranges = (study.range_for(site, analyte, unit) for unit in sorted(meanings))
    return next((found for found in ranges if found is not None), None)
