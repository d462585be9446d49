"""A laboratory report: the same story as a diary, from the results to what follows from them."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
from backend.models.study import Study
from backend.models.subject import Subject
from backend.services.assessment import Source, assess_news, known_alerts, load_facts
from backend.services.commit import commit
from backend.services.paging import Page, read_cursor, write_cursor
from backend.services.sample import Laboratory, Measured, Reported, read_result
from backend.services.story import Story
from backend.services.subject import subject_for

# An older sample is no sample of this study, but a slip of the finger in the year.
OLDEST = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class NewResult:
    """One result as reported; `fasting` None: not stated."""

    reported: Reported
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
    measured = _measured(report, Laboratory(subject.site, subject.sex, study, ruleset))
    _check_time(report.collected_at, subject, now)
    report_id = ids()
    results = tuple(
        LabResult(
            id=ids(),
            report_id=report_id,
            submission_id=report.submission_id,
            subject_id=subject.id,
            site=subject.site,
            study_version=study.version,
            analyte=result.analyte,
            value=result.value,
            unit=result.unit,
            unit_reported=new.reported.unit,
            lln=result.lln,
            uln=result.uln,
            limits_from=result.limits_from,
            fasting=new.fasting,
            statements=statements,
            collected_at=report.collected_at.astimezone(dt.UTC),
            day=report.collected_at.astimezone(ZoneInfo(subject.zone)).date(),
            recorded_at=now,
            recorded_by=actor.id,
            content_sha256=report.content_sha256,
        )
        for new, result in measured
    )

    def story(session: ClientSession) -> Recorded:
        lock_subject(subject.id, session=session)
        first = _find_report(subject, report, session)
        if first is not None:
            return first
        source = Source("lab", report_id, results[0].day, now)
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


def _measured(report: NewReport, laboratory: Laboratory) -> tuple[tuple[NewResult, Measured], ...]:
    faults: list[Fault] = []
    found: dict[str, tuple[NewResult, Measured]] = {}
    for index, new in enumerate(report.results):
        measured, wrong = read_result(new.reported, f"/results/{index}", laboratory)
        faults += wrong
        if measured is not None and measured.analyte in found:
            faults.append(Fault(f"/results/{index}/analyte", "reported twice in one sample"))
        elif measured is not None:
            found[measured.analyte] = (new, measured)
    if faults:
        raise InvalidInput(faults=tuple(faults))
    return tuple(found.values())


def _check_time(collected_at: dt.datetime, subject: Subject, now: dt.datetime) -> None:
    if collected_at > now:
        raise InvalidInput(faults=(Fault("/collected_at", "this time has not come yet"),))
    if collected_at < subject.enrolled_at - OLDEST:
        detail = "more than a year before the enrolment"
        raise InvalidInput(faults=(Fault("/collected_at", detail),))
