"""Duty rosters for people: who is on duty at a site, and the shifts that say so."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor, Role
from backend.db import transaction
from backend.duty import on_duty
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.models import roster
from backend.models.audit import AuditEntry, append
from backend.models.roster import RosterShift
from backend.models.staff import find_staff
from backend.models.study import Site, Study

# Whom a step of the escalation can name.
ROLES = (Role.NURSE, Role.INVESTIGATOR)


@dataclass(frozen=True, slots=True)
class NewShift:
    """One person's weekly hours; times are HH:MM by the site's wall clock."""

    site: str
    staff_id: str
    role: str
    days: tuple[str, ...]
    begins: str
    ends: str
    since: dt.date | None
    until: dt.date | None


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who is on duty at a site at a moment, by role; empty: the whole site is rung instead."""

    site: str
    at: dt.datetime
    nurses: tuple[str, ...]
    investigators: tuple[str, ...]


def list_shifts(site: str, *, actor: Actor, study: Study) -> tuple[RosterShift, ...]:
    """Give a site's shifts.

    Raises:
        NotFound: there is no such site, or it is not the actor's.
    """
    _site(site, actor, Action.ROSTER_READ, study)
    return roster.shifts_of(site)


def read_duty(site: str, at: dt.datetime, *, actor: Actor, study: Study) -> OnDuty:
    """Say who is on duty at a site at a moment.

    Raises:
        NotFound: there is no such site, or it is not the actor's.
    """
    known = _site(site, actor, Action.ROSTER_READ, study)
    shifts = [shift.shift for shift in roster.shifts_of(site)]
    nurses, investigators = (
        on_duty(shifts, role, at=at, zone=known.zone, holidays=known.holidays) for role in ROLES
    )
    return OnDuty(site, at, nurses, investigators)


def add_shift(
    new: NewShift, *, actor: Actor, study: Study, now: dt.datetime, ids: Callable[[], str]
) -> RosterShift:
    """Put somebody on a site's roster.

    Raises:
        NotFound: there is no such site, or it is not the actor's.
        InvalidInput: somebody who has no such role there; a last day before the first.
    """
    _site(new.site, actor, Action.ROSTER_MANAGE, study)
    faults = []
    if not _has_role(new):
        faults.append(Fault("/staff_id", "nobody with this role at this site has this id"))
    if new.since is not None and new.until is not None and new.until < new.since:
        faults.append(Fault("/until", "before the first day"))
    if faults:
        raise InvalidInput(faults=tuple(faults))
    shift = RosterShift(
        id=ids(),
        site=new.site,
        staff_id=new.staff_id,
        role=new.role,
        days=new.days,
        begins=new.begins,
        ends=new.ends,
        made_at=now,
        made_by=actor.id,
        since=new.since,
        until=new.until,
    )

    def story(session: ClientSession) -> RosterShift:
        roster.insert_shift(shift, session=session)
        _audit(shift, "roster:add", actor, now, ids, session)
        return shift

    return transaction(story)


def end_shift(
    shift_id: str, *, actor: Actor, study: Study, now: dt.datetime, ids: Callable[[], str]
) -> None:
    """Take somebody off the roster; the shift stays to be read in the audit trail.

    Raises:
        NotFound: there is no such shift, or it is of another site.
        Conflict: it has ended already.
    """
    shift = roster.find_shift(shift_id)
    if shift is None:
        raise NotFound
    _site(shift.site, actor, Action.ROSTER_MANAGE, study)

    def story(session: ClientSession) -> None:
        if not roster.remove_shift(shift_id, at=now, by=actor.id, session=session):
            message = "This shift has ended already."
            raise Conflict(message)
        _audit(shift, "roster:end", actor, now, ids, session)

    transaction(story)


def _site(site: str, actor: Actor, action: Action, study: Study) -> Site:
    known = study.sites.get(site)
    if known is None or not access.may(actor, action, site=site):
        raise NotFound
    return known


def _has_role(new: NewShift) -> bool:
    staff = find_staff(new.staff_id)
    return (
        staff is not None
        and staff.active
        and any(grant.role == new.role and grant.site in (None, new.site) for grant in staff.grants)
    )


def _audit(
    shift: RosterShift,
    action: str,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
    session: ClientSession,
) -> None:
    append(
        AuditEntry(
            id=ids(),
            at=now,
            actor_id=actor.id,
            action=action,
            target=f"roster/{shift.id}",
            site=shift.site,
            subject_id=None,
            details={"staff": shift.staff_id, "role": shift.role},
        ),
        session=session,
    )
