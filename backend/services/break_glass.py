"""Break the glass: one subject's record elsewhere, or one subject's arm, at once and for a reason.

A patient in another site's emergency room cannot wait for a grant (ICH E6(R3) 2.10, prompt access in an
emergency); an unblinding before its time must be documented and explained (E6(R3) 2.8.3). It opens to
read only, for hours, and the study's safety desk is told in the same transaction.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor, Grant, Role
from backend.db import transaction
from backend.errors import Conflict, Forbidden, NotFound, StaleRevision
from backend.escalation import SAFETY_DESK
from backend.models import break_glass as opened
from backend.models.audit import AuditEntry, append
from backend.models.break_glass import ARM, BreakGlass
from backend.models.outbox import DUE, OutboxEntry, insert_entry
from backend.models.study import Study
from backend.models.subject import find_subject
from backend.services.routing import NOBODY, channels_of, find_recipients

# Long enough for a night in an emergency room, short enough that nobody keeps it (P).
LASTS = dt.timedelta(hours=4)
URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Emergency:
    """What is to be opened, and why."""

    kind: str
    subject_id: str
    reason: str


def break_glass(
    emergency: Emergency,
    *,
    actor: Actor,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
) -> BreakGlass:
    """Open one subject's record, or arm, for some hours.

    Raises:
        Forbidden: the role may not: an arm is for investigators.
        NotFound: there is no such subject.
    """
    role = _role(emergency.kind, actor)
    subject = find_subject(emergency.subject_id)
    if subject is None:
        raise NotFound
    record = BreakGlass(
        id=ids(),
        kind=emergency.kind,
        subject_id=subject.id,
        site=subject.site,
        staff_id=actor.id,
        role=role,
        reason=emergency.reason,
        opened_at=now,
        until=now + LASTS,
    )

    def story(session: ClientSession) -> BreakGlass:
        opened.insert_break_glass(record, session=session)
        _tell_the_desk(record, study, ids, session)
        append(_entry(record, "break_glass:open", actor, now, ids, record.reason), session=session)
        return record

    return transaction(story)


def grants_of(staff_id: str, *, now: dt.datetime) -> tuple[Grant, ...]:
    """Give what somebody's open emergencies let them see: each of one subject, to read."""
    return tuple(
        Grant(
            Role(record.role),
            record.site,
            unblinded=record.kind == ARM,
            subject_id=record.subject_id,
        )
        for record in opened.open_of(staff_id, now)
    )


def list_break_glass(*, actor: Actor) -> tuple[BreakGlass, ...]:
    """Give every emergency access at the sites that the actor answers for, the newest first."""
    sites = access.scope(actor, Action.BREAK_GLASS_READ).sites
    return tuple(
        record for record in opened.all_break_glass() if sites is None or record.site in sites
    )


def review_break_glass(
    record_id: str,
    finding: str,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> BreakGlass:
    """Close the review of an emergency access with what was found.

    Raises:
        NotFound: there is none, or it is of another site.
        Forbidden: nobody reviews what they opened themselves.
        Conflict: it is reviewed already.
        StaleRevision: somebody was quicker.
    """

    def story(session: ClientSession) -> BreakGlass:
        known = opened.find_break_glass(record_id, session=session)
        if known is None or not access.may(actor, Action.BREAK_GLASS_REVIEW, site=known.site):
            raise NotFound
        if known.staff_id == actor.id:
            raise Forbidden
        if known.reviewed_at is not None:
            message = "This emergency access is reviewed already."
            raise Conflict(message)
        done = replace(
            known, reviewed_at=now, reviewed_by=actor.id, finding=finding, rev=known.rev + 1
        )
        if not opened.replace_break_glass(done, session=session):
            raise StaleRevision
        append(_entry(done, "break_glass:review", actor, now, ids, finding), session=session)
        return done

    return transaction(story)


def _role(kind: str, actor: Actor) -> Role:
    action = Action.BREAK_GLASS_ARM if kind == ARM else Action.BREAK_GLASS_OPEN
    held = {
        grant.role
        for grant in actor.grants
        if grant.subject_id is None and grant.role in access.PERMISSIONS[action]
    }
    if not held:
        raise Forbidden
    return Role.INVESTIGATOR if Role.INVESTIGATOR in held else Role.NURSE


def _tell_the_desk(
    record: BreakGlass, study: Study, ids: Callable[[], str], session: ClientSession
) -> None:
    here = study.sites[record.site]
    desk = find_recipients(
        (SAFETY_DESK,), record.site, record.opened_at, study=study, session=session
    )
    ways = [(person.id, channels_of(person, here.channels)) for person in desk] or [NOBODY]
    for recipient_id, way in ways:
        entry = OutboxEntry(
            id=ids(),
            alert_id=record.id,
            recipient_kind="staff",
            recipient_id=recipient_id,
            channel=way[0],
            message={
                "kind": "break_glass",
                "locale": here.languages[0],
                "id": record.id,
                "v": "0",
                "tier": URGENT,
            },
            collapse_key=record.id,
            state=DUE,
            due_at=record.opened_at,
            created_at=record.opened_at,
            then=way[1:],
        )
        insert_entry(entry, session=session)


def _entry(
    record: BreakGlass,
    action: str,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
    reason: str,
) -> AuditEntry:
    return AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action=action,
        target=f"break_glass/{record.id}",
        site=record.site,
        subject_id=record.subject_id,
        details={"kind": record.kind, "until": record.until.isoformat()},
        reason=reason,
    )
