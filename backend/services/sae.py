"""Serious adverse events: the 24-hour clock on the work list, and the report that stops it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical.adjudication import REPORT_WITHIN
from backend.clinical.alerting import CLOSED, NEW
from backend.db import transaction
from backend.errors import Conflict, Fault, Forbidden, InvalidInput, NotFound, StaleRevision
from backend.models import adverse_event as events
from backend.models import alert as alerts
from backend.models.adverse_event import Adjudication, AdverseEventRecord, ReportSent
from backend.models.alert import TIER_RANK, AlertRecord, AlertStep
from backend.models.audit import AuditEntry, append
from backend.models.study import Study
from backend.services.escalation import followed
from backend.services.routing import Call, cancel_messages, ring

# Not one of the catalogue's flags: it is raised by a clinician's judgement, not by a diary.
SAE_REPORT = "SAE_REPORT"
# A report due within a day outranks what may wait until the next visit (P).
_TIER = "urgent"


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report that was sent: when, and under which reference the sponsor knows it."""

    rev: int
    sent_at: dt.datetime
    reference: str


def start_clock(
    event: AdverseEventRecord,
    made: Adjudication,
    *,
    actor: Actor,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
    session: ClientSession,
) -> AdverseEventRecord:
    """Give the course with a new judgement; the first serious one puts its report on the work list.

    24 hours run from when the site learned of the event (ICH E2A). A clock that runs is not
    stopped by a later judgement as not serious: the sponsor was to hear of it, and hears of both.
    """
    judged = replace(event, adjudications=(*event.adjudications, made))
    if not made.serious or event.report_by is not None:
        return judged
    report_by = made.aware_at + REPORT_WITHIN
    alert = AlertRecord(
        id=ids(),
        subject_id=event.subject_id,
        site=event.site,
        flag_id=SAE_REPORT,
        tier=_TIER,
        tier_rank=TIER_RANK[_TIER],
        state=NEW,
        title="Serious adverse event: report it",
        reason=f"{made.term}, grade {made.grade}, judged serious: {', '.join(made.seriousness)}; "
        "to the sponsor within 24 hours of awareness (ICH E2A)",
        assessment_ids=(),
        raised_at=now,
        rung_at=now,
        acknowledge_by=report_by,
        steps=(AlertStep(now, "raised", actor.id),),
        rev=0,
        open_key=_open_key(event.id),
        event_id=event.id,
        report_by=report_by,
    )
    alert = followed(alert, study)
    alerts.insert_alert(alert, session=session)
    step = study.alerts.policies[_TIER].step(0)
    if step is not None:
        ring(alert, Call("alert", step.to, now), study=study, ids=ids, session=session)
    return replace(judged, report_by=report_by)


def report_event(
    event_id: str, new: NewReport, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> AdverseEventRecord:
    """Record that a report was sent to the sponsor; the first one takes it off the work list.

    Raises:
        NotFound: there is none, or it is of another site.
        Forbidden: the role may look but not report.
        Conflict: nobody has judged it serious.
        InvalidInput: it was sent in the future.
        StaleRevision: the course changed since it was read.
    """

    def story(session: ClientSession) -> AdverseEventRecord:
        known = _reportable(event_id, new, actor, now, session)
        sent = ReportSent(ids(), now, actor.id, new.sent_at, new.reference)
        reported = replace(known, rev=known.rev + 1, reports=(*known.reports, sent))
        if not events.replace_adverse_event(reported, session=session):
            raise StaleRevision
        _close(reported, sent, actor=actor, now=now, session=session)
        append(
            AuditEntry(
                id=ids(),
                at=now,
                actor_id=actor.id,
                action="adverse_event:report",
                target=f"adverse_event/{event_id}",
                site=known.site,
                subject_id=known.subject_id,
                details={"report": sent.id, "rev": reported.rev},
            ),
            session=session,
        )
        return reported

    return transaction(story)


def _reportable(
    event_id: str, new: NewReport, actor: Actor, now: dt.datetime, session: ClientSession
) -> AdverseEventRecord:
    known = events.find_adverse_event(event_id, session=session)
    if known is None or not access.may(actor, Action.ADVERSE_EVENT_READ, site=known.site):
        raise NotFound
    if not access.may(actor, Action.ADVERSE_EVENT_JUDGE, site=known.site):
        raise Forbidden
    if known.report_by is None:
        message = "Nobody has judged this event serious: there is nothing to report."
        raise Conflict(message)
    if new.sent_at > now:
        raise InvalidInput(faults=(Fault("/sent_at", "this time has not come yet"),))
    if known.rev != new.rev:
        raise StaleRevision
    return known


def _close(
    event: AdverseEventRecord,
    sent: ReportSent,
    *,
    actor: Actor,
    now: dt.datetime,
    session: ClientSession,
) -> None:
    alert = alerts.open_alert_of(_open_key(event.id), session=session)
    # A follow-up report: the first one has closed it.
    if alert is None:
        return
    step = AlertStep(now, "close", actor.id, f"reported at {sent.sent_at.isoformat()}")
    closed = replace(
        alert,
        state=CLOSED,
        rev=alert.rev + 1,
        steps=(*alert.steps, step),
        acknowledged_at=alert.acknowledged_at or now,
        acknowledged_by=alert.acknowledged_by or actor.id,
        open_key=None,
        escalate_at=None,
    )
    if not alerts.replace_alert(closed, session=session):
        raise StaleRevision
    cancel_messages(alert.id, at=now, session=session)


def _open_key(event_id: str) -> str:
    return f"{event_id}/{SAE_REPORT}"
