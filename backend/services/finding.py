"""Findings of staff: stated, assessed with all that is known, and counted on later days."""

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
from backend.models import finding as findings
from backend.models.finding import FindingRecord
from backend.models.lock import lock_subject
from backend.models.study import Study
from backend.services.assessment import Source, assess_news, known_alerts, load_facts
from backend.services.commit import commit
from backend.services.story import Story
from backend.services.subject import subject_for


@dataclass(frozen=True, slots=True)
class NewFinding:
    """What was found, by fact, and when; `submission_id` is the sender's, for repeats."""

    submission_id: str
    observed_at: dt.datetime
    values: Mapping[str, object]
    content_sha256: str


def record_finding(
    subject_id: str,
    new: NewFinding,
    *,
    actor: Actor,
    study: Study,
    ruleset: Ruleset,
    now: dt.datetime,
    ids: Callable[[], str],
) -> FindingRecord:
    """Take one finding: all that follows becomes visible together with it, or nothing does.

    A repeat of the same submission changes nothing and gives the first record.

    Raises:
        NotFound, Forbidden: not for this actor.
        InvalidInput: a fact that staff are not asked, a value that cannot be, a future time.
        Conflict: the submission id was used for another finding.
    """
    subject = subject_for(subject_id, actor, Action.FINDING_RECORD)
    values = read_statements(new.values, ruleset, where="/values")
    if new.observed_at > now:
        raise InvalidInput(faults=(Fault("/observed_at", "this time has not come yet"),))
    record = FindingRecord(
        id=ids(),
        submission_id=new.submission_id,
        subject_id=subject.id,
        site=subject.site,
        day=new.observed_at.astimezone(ZoneInfo(subject.zone)).date(),
        observed_at=new.observed_at.astimezone(dt.UTC),
        values=values,
        recorded_at=now,
        recorded_by=actor.id,
        content_sha256=new.content_sha256,
    )

    def story(session: ClientSession) -> FindingRecord:
        lock_subject(subject.id, session=session)
        first = findings.find_submission(subject.id, new.submission_id, session=session)
        if first is not None:
            if first.content_sha256 != new.content_sha256:
                message = "This submission_id was used for another finding."
                raise Conflict(message)
            return first
        source = Source("finding", record.id, record.day, now)
        known = load_facts(subject, source, Intake(values, {}, {}), ruleset, session=session)
        assessment = assess_news(known, ruleset)
        decisions = decide_alerts(assessment.flags, known_alerts(subject, session=session), now=now)
        findings.insert_finding(record, session=session)
        told = Story(subject, source, actor, study, ruleset, ids, session)
        commit(told, known, assessment, decisions)
        return record

    return transaction(story)


def list_findings(subject_id: str, *, actor: Actor) -> tuple[FindingRecord, ...]:
    """Give a subject's findings, the oldest first.

    Raises:
        NotFound, Forbidden: not for this actor.
    """
    subject = subject_for(subject_id, actor, Action.FINDING_READ)
    return findings.findings_until(subject.id, dt.date.max)
