"""An alert that nobody has taken goes on to the next person, by the server's clock, until one does."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from pymongo.client_session import ClientSession

from backend.db import CLOCK_PATIENCE_SECONDS, transaction
from backend.errors import Conflict
from backend.models import alert as alerts
from backend.models.alert import AlertRecord, AlertStep
from backend.models.audit import AuditEntry, append
from backend.models.lock import lock_subject
from backend.models.study import Study
from backend.services.lease import Fence
from backend.services.routing import Call, ring

# Who is named in the steps that no person took.
CLOCK = "clock"
# Between two steps of one alert somebody must have the time to reach for the phone (P).
_SHORTEST = dt.timedelta(minutes=1)


def followed(alert: AlertRecord, study: Study) -> AlertRecord:
    """Give an alert that has just rung, with the time of its next step; none where it is suppressed."""
    policy = study.alerts.policies[alert.tier]
    due = None if alert.suppressed else policy.due_at(1, alert.rung_at)
    return replace(alert, escalation=1, escalate_at=due)


def escalate_subject(
    subject_id: str, *, study: Study, fence: Fence, now: dt.datetime, ids: Callable[[], str]
) -> int:
    """Take the next step of every alert of a subject that is due; ring once, for the most urgent.

    The step and its messages become visible together: a crash before leaves it due, a crash after
    has rung. Give how many alerts moved on.

    Raises:
        Conflict: an alert changed meanwhile; the next run looks again.
        FencedError: another clock has taken over.
    """

    def story(session: ClientSession) -> int:
        fence.check(session)
        lock_subject(subject_id, session=session)
        due = [
            alert
            for alert in alerts.open_alerts(subject_id, session=session)
            if alert.escalate_at is not None and alert.escalate_at <= now
        ]
        if not due:
            return 0
        first = min(due, key=lambda alert: (alert.tier_rank, alert.raised_at, alert.id))
        moved = [_moved(alert, study, now) for alert in due]
        for alert in moved:
            if not alerts.replace_alert(alert, session=session):
                raise Conflict
            append(_entry(alert, now, ids), session=session)
        head = next(alert for alert in moved if alert.id == first.id)
        # After a snooze it rings from the start.
        taken = 0 if first.snoozed_until is not None else first.escalation
        step = study.alerts.policies[first.tier].step(taken)
        if step is not None:
            call = Call("alert_reminder", step.to, now)
            ring(head, call, study=study, ids=ids, session=session)
        return len(moved)

    return transaction(story, patience=CLOCK_PATIENCE_SECONDS)


def _entry(alert: AlertRecord, now: dt.datetime, ids: Callable[[], str]) -> AuditEntry:
    step = alert.steps[-1].step
    return AuditEntry(
        id=ids(),
        at=now,
        actor_id=CLOCK,
        action=f"alert:{step}",
        target=f"alert/{alert.id}",
        site=alert.site,
        subject_id=alert.subject_id,
        details={"escalation": alert.escalation, "state": alert.state},
    )


def _moved(alert: AlertRecord, study: Study, now: dt.datetime) -> AlertRecord:
    policy = study.alerts.policies[alert.tier]
    if alert.snoozed_until is not None:
        # It rings as if it were new: whoever snoozed it must take it again.
        return replace(
            alert,
            state="new",
            rung_at=now,
            acknowledge_by=now + (alert.acknowledge_by - alert.rung_at),
            acknowledged_at=None,
            acknowledged_by=None,
            snoozed_until=None,
            escalation=1,
            escalate_at=policy.due_at(1, now),
            rev=alert.rev + 1,
            steps=(*alert.steps, AlertStep(now, "snooze_over", CLOCK)),
        )
    step = policy.step(alert.escalation)
    to = ", ".join(step.to) if step is not None else "nobody"
    # A clock that was down for hours takes each step once, not all that it missed at once.
    taken = alert.escalation + 1
    due = policy.due_at(taken, alert.rung_at)
    return replace(
        alert,
        escalation=taken,
        escalate_at=None if due is None else max(due, now + _SHORTEST),
        rev=alert.rev + 1,
        steps=(*alert.steps, AlertStep(now, "escalated", CLOCK, f"step {taken}: {to}")),
    )
