"""The work list, and a human's answer to an alert: acknowledge, act, close with a reason."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical.alerting import advance
from backend.db import transaction
from backend.errors import Forbidden, InvalidTransition, NotFound, StaleRevision
from backend.models import alert as alerts
from backend.models.alert import AlertRecord, AlertStep
from backend.models.audit import AuditEntry, append
from backend.services.paging import Page, read_cursor, write_cursor
from backend.services.routing import cancel_messages

OPEN_STATES = ("new", "acknowledged", "acted")


@dataclass(frozen=True, slots=True)
class Answer:
    """One step a person takes: which, why, and the revision they were looking at."""

    step: str
    note: str | None
    rev: int


def list_work(
    *, actor: Actor, states: tuple[str, ...], site: str | None, limit: int, cursor: str | None
) -> Page[AlertRecord]:
    """Give the alerts that the actor may see, most dangerous first, oldest first within a tier.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    after = read_cursor(cursor, (int, dt.datetime, str))
    seen = access.scope(actor, Action.ALERT_READ).sites
    if site is not None:
        seen = frozenset({site}) if seen is None or site in seen else frozenset()
    rows = alerts.work_list(seen, states=states or OPEN_STATES, limit=limit + 1, after=after)
    return Page(
        rows[:limit],
        write_cursor((rows[limit - 1].tier_rank, rows[limit - 1].raised_at, rows[limit - 1].id))
        if len(rows) > limit
        else None,
    )


def read_alert(alert_id: str, *, actor: Actor) -> AlertRecord:
    """Give one alert.

    Raises:
        NotFound: there is none, or it is of another site.
    """
    alert = alerts.find_alert(alert_id)
    if alert is None or not access.may(actor, Action.ALERT_READ, site=alert.site):
        raise NotFound
    return alert


def answer_alert(
    alert_id: str, answer: Answer, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> AlertRecord:
    """Take one step on an alert; messages still owed for it are not sent any more.

    Raises:
        NotFound: there is none, or it is of another site.
        Forbidden: the role may look but not answer.
        InvalidTransition: the state table has no such step now.
        StaleRevision: somebody was quicker.
    """
    read_alert(alert_id, actor=actor)

    def story(session: ClientSession) -> AlertRecord:
        known = alerts.find_alert(alert_id, session=session)
        if known is None:
            raise NotFound
        if not access.may(actor, Action.ALERT_ANSWER, site=known.site):
            raise Forbidden
        if known.rev != answer.rev:
            raise StaleRevision
        answered = _answered(known, answer, actor, now)
        if not alerts.replace_alert(answered, session=session):
            raise StaleRevision
        cancel_messages(alert_id, at=now, session=session)
        append(
            AuditEntry(
                id=ids(),
                at=now,
                actor_id=actor.id,
                action=f"alert:{answer.step}",
                target=f"alert/{alert_id}",
                site=known.site,
                subject_id=known.subject_id,
                details={"from": known.state, "to": answered.state},
            ),
            session=session,
        )
        return answered

    return transaction(story)


def _answered(known: AlertRecord, answer: Answer, actor: Actor, now: dt.datetime) -> AlertRecord:
    if known.report_by is not None and answer.step == "close":
        message = "A serious adverse event stays on the list until its report is recorded."
        raise InvalidTransition(message)
    state = advance(known.state, answer.step, note=answer.note)
    answered = replace(
        known,
        state=state,
        rev=known.rev + 1,
        steps=(*known.steps, AlertStep(now, answer.step, actor.id, answer.note)),
        open_key=None if state == "closed" else known.open_key,
    )
    if known.acknowledged_at is None:
        answered = replace(answered, acknowledged_at=now, acknowledged_by=actor.id)
    return answered
