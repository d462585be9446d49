"""The work list, and a human's answer to an alert: acknowledge, act, close with a reason."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical.alerting import CLOSED, TAKING, advance
from backend.clinical.rules import Ruleset
from backend.db import transaction
from backend.errors import (
    Fault,
    Forbidden,
    InvalidInput,
    InvalidTransition,
    NotFound,
    StaleRevision,
)
from backend.models import alert as alerts
from backend.models import private_text as texts
from backend.models.alert import AlertRecord, AlertStep
from backend.models.audit import AuditEntry, append, changed, told
from backend.models.lock import lock_subject
from backend.models.private_text import PrivateText
from backend.models.staff import find_staff
from backend.models.study import Study
from backend.services.escalation import followed
from backend.services.paging import Page, read_cursor, write_cursor
from backend.services.private_text import keep_private
from backend.services.routing import cancel_messages, ring_person
from backend.vault import SealedForGoodError

OPEN_STATES = ("new", "acknowledged", "acted")
# So many open alerts at once are read for the list by patient: more than a team can look at.
MOST_GROUPED = 2000
# Time enough to write a report before the 24 hours are over (P).
REMIND_BEFORE = dt.timedelta(hours=4)
# What the study's safety desk may do too: take it, and say so.
_DESK = ("acknowledge", "comment")


@dataclass(frozen=True, slots=True)
class Answer:
    """One step a person takes: which, why, and the revision they were looking at.

    `until` is for `snooze`, `to` (whom) for `hand_over`.
    """

    step: str
    note: str | None
    rev: int
    until: dt.datetime | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """One patient's open alerts, the most dangerous first; `tier` is that one's."""

    subject_id: str
    site: str
    tier: str
    waiting: int
    raised_at: dt.datetime
    acknowledge_by: dt.datetime
    alerts: tuple[AlertRecord, ...]


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers, by which study, and when."""

    actor: Actor
    study: Study
    ruleset: Ruleset
    now: dt.datetime
    ids: Callable[[], str]


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


def group_work(*, actor: Actor) -> tuple[Group, ...]:
    """Give the patients with open alerts, each with theirs; the most dangerous patient first."""
    rows = alerts.work_list(
        access.scope(actor, Action.ALERT_READ).sites, states=OPEN_STATES, limit=MOST_GROUPED
    )
    found: dict[str, list[AlertRecord]] = {}
    for alert in rows:
        found.setdefault(alert.subject_id, []).append(alert)
    return tuple(_group(own) for own in found.values())


def _group(own: list[AlertRecord]) -> Group:
    return Group(
        subject_id=own[0].subject_id,
        site=own[0].site,
        tier=own[0].tier,
        waiting=sum(alert.state == "new" for alert in own),
        raised_at=min(alert.raised_at for alert in own),
        acknowledge_by=min(alert.acknowledge_by for alert in own),
        alerts=tuple(own),
    )


def read_alert(alert_id: str, *, actor: Actor) -> AlertRecord:
    """Give one alert, with what people wrote about it; lists and streams do without.

    Raises:
        NotFound: there is none, or it is of another site.
    """
    return _with_notes(_readable(alert_id, actor))


def _with_notes(alert: AlertRecord) -> AlertRecord:
    said = texts.opened_texts([step.private for step in alert.steps if step.private])
    steps = (
        replace(step, note=said[step.private]["note"]) if step.private in said else step
        for step in alert.steps
    )
    return replace(alert, steps=tuple(steps))


def _readable(alert_id: str, actor: Actor) -> AlertRecord:
    alert = alerts.find_alert(alert_id)
    if alert is None or not access.may(actor, Action.ALERT_READ, site=alert.site):
        raise NotFound
    return alert


def answer_alert(alert_id: str, answer: Answer, answering: Answering) -> AlertRecord:
    """Take one step on an alert; what was still owed for it is not sent any more.

    Raises:
        NotFound: there is none, or it is of another site.
        Forbidden: the role may look but not answer.
        InvalidInput: a snooze too long or not at all, or a hand-over to nobody of the site.
        InvalidTransition: the state table has no such step now.
        StaleRevision: somebody was quicker.
    """
    note = _sealed_note(_readable(alert_id, answering.actor), answer, answering.now)

    def story(session: ClientSession) -> AlertRecord:
        known = alerts.find_alert(alert_id, session=session)
        if known is None:
            raise NotFound
        action = Action.ALERT_ACKNOWLEDGE if answer.step in _DESK else Action.ALERT_ANSWER
        if not access.may(answering.actor, action, site=known.site):
            raise Forbidden
        if known.rev != answer.rev:
            raise StaleRevision
        answered = _answered(known, answer, answering)
        if not alerts.replace_alert(answered, session=session):
            raise StaleRevision
        if note is not None:
            lock_subject(known.subject_id, session=session)
            keep_private(note, session=session)
        if answer.step in TAKING or answer.step == "hand_over":
            cancel_messages(alert_id, at=answering.now, session=session)
        if answer.step == "hand_over":
            _ring_new_holder(answered, answering, session)
        _audit(known, answered, answer, answering, session)
        return answered

    return _with_notes(transaction(story))


def _sealed_note(alert: AlertRecord, answer: Answer, now: dt.datetime) -> PrivateText | None:
    """Seal what a person wrote; None: nothing, or about a shredded subject, and then it is not kept."""
    if not answer.note:
        return None
    try:
        of = _note_of(alert, answer.rev + 1)
        return texts.sealed_text(of, alert.subject_id, {"note": answer.note}, now=now)
    except SealedForGoodError:
        return None


def _note_of(alert: AlertRecord, rev: int) -> str:
    return f"alert/{alert.subject_id}/{alert.id}/{rev}"


def _answered(known: AlertRecord, answer: Answer, answering: Answering) -> AlertRecord:
    if known.report_by is not None and answer.step == "close":
        message = "A serious adverse event stays on the list until its report is recorded."
        raise InvalidTransition(message)
    state = advance(known.state, answer.step, note=answer.note)
    private = _note_of(known, known.rev + 1) if answer.note else None
    answered = replace(
        known,
        state=state,
        rev=known.rev + 1,
        steps=(
            *known.steps,
            AlertStep(answering.now, answer.step, answering.actor.id, private=private),
        ),
        open_key=None if state == "closed" else known.open_key,
    )
    if answer.step in TAKING:
        answered = _taken(answered, answering)
    if answer.step == "snooze":
        until = _snooze_end(known, answer, answering)
        answered = replace(answered, snoozed_until=until, escalate_at=until)
    if answer.step == "hand_over":
        answered = _handed_over(answered, answer, answering)
    if answer.step in ("useful", "not_useful"):
        answered = replace(answered, useful=answer.step == "useful")
    return answered


def _taken(alert: AlertRecord, answering: Answering) -> AlertRecord:
    """Let somebody have it: it rings no more, but for a report that is nearly overdue."""
    again = None
    if alert.state != CLOSED and alert.report_by is not None:
        before = alert.report_by - REMIND_BEFORE
        again = before if before > answering.now else None
    return replace(
        alert,
        acknowledged_at=alert.acknowledged_at or answering.now,
        acknowledged_by=alert.acknowledged_by or answering.actor.id,
        snoozed_until=again,
        escalate_at=again,
    )


def _snooze_end(known: AlertRecord, answer: Answer, answering: Answering) -> dt.datetime:
    longest = answering.study.alerts.policies[known.tier].snooze_at_most
    if longest is None:
        raise InvalidInput(faults=(Fault("/step", f"an alert that is {known.tier} cannot wait"),))
    if answer.until is None or not answering.now < answer.until <= answering.now + longest:
        minutes = int(longest.total_seconds() // 60)
        raise InvalidInput(faults=(Fault("/until", f"within {minutes} minutes from now"),))
    return answer.until


def _handed_over(alert: AlertRecord, answer: Answer, answering: Answering) -> AlertRecord:
    """Give it to somebody else: until they take it, it rings on as if it were new."""
    if answer.to is None or not _can_answer(answer.to, alert.site):
        raise InvalidInput(faults=(Fault("/to", "nobody who answers alerts at this site"),))
    within = answering.ruleset.policies[alert.tier].acknowledge_within
    return followed(
        replace(
            alert,
            assigned_to=answer.to,
            rung_at=answering.now,
            acknowledge_by=alert.report_by or answering.now + within,
            acknowledged_at=None,
            acknowledged_by=None,
            snoozed_until=None,
        ),
        answering.study,
    )


def _can_answer(staff_id: str, site: str) -> bool:
    staff = find_staff(staff_id)
    return (
        staff is not None
        and staff.active
        and access.may(Actor(staff.id, staff.grants), Action.ALERT_ANSWER, site=site)
    )


def _ring_new_holder(alert: AlertRecord, answering: Answering, session: ClientSession) -> None:
    person = find_staff(str(alert.assigned_to), session=session)
    if person is not None:
        ring_person(
            alert,
            person,
            "alert_handed_over",
            at=answering.now,
            study=answering.study,
            ids=answering.ids,
            session=session,
        )


_ANSWERED = ("state", "assigned_to", "acknowledged_by", "snoozed_until", "escalate_at", "useful")


def _audit(
    known: AlertRecord,
    answered: AlertRecord,
    answer: Answer,
    answering: Answering,
    session: ClientSession,
) -> None:
    append(
        AuditEntry(
            id=answering.ids(),
            at=answering.now,
            actor_id=answering.actor.id,
            action=f"alert:{answer.step}",
            target=f"alert/{known.id}",
            site=known.site,
            subject_id=known.subject_id,
            details={"from": known.state, "to": answered.state},
            # Not the note: it is sealed, and must be forgettable.
            changes=changed(told(known, *_ANSWERED), told(answered, *_ANSWERED)),
        ),
        session=session,
    )
