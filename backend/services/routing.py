"""Whom an alert is owed to, and over which channel: rows in the outbox, sent by the clock process."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend.access import Role
from backend.clinical.flagrules import TIERS
from backend.duty import after_quiet_hours, on_duty
from backend.escalation import (
    DUTY_INVESTIGATOR,
    DUTY_NURSE,
    FALLBACK,
    SAFETY_DESK,
    SITE_INVESTIGATORS,
    SITE_NURSES,
)
from backend.models.alert import AlertRecord
from backend.models.outbox import CANCELLED, DUE, OutboxEntry, change, insert_entry, of_alert
from backend.models.roster import shifts_of
from backend.models.staff import StaffRecord, active_staff
from backend.models.study import Study
from backend.services.reach import PUSH_CHANNELS, push_channel

EMERGENCY = TIERS[0]
# Where nobody is found at all, an operator sees it: an alert that reaches nobody is never silent.
CONSOLE = "console"
NOBODY = ("nobody", (CONSOLE,))

_ROLES = {
    DUTY_NURSE: Role.NURSE,
    SITE_NURSES: Role.NURSE,
    DUTY_INVESTIGATOR: Role.INVESTIGATOR,
    SITE_INVESTIGATORS: Role.INVESTIGATOR,
}


@dataclass(frozen=True, slots=True)
class Call:
    """One time of ringing: what kind of message, to whom (words of the policy), when."""

    kind: str
    to: tuple[str, ...]
    at: dt.datetime


def ring(
    alert: AlertRecord,
    call: Call,
    *,
    study: Study,
    ids: Callable[[], str],
    session: ClientSession,
) -> tuple[str, ...]:
    """Owe the messages of one call about an alert; give the ids of those who are rung.

    A tier that is quiet waits for the end of the site's quiet hours.
    """
    due_at = call.at
    if study.alerts.policies[alert.tier].quiet:
        due_at = after_quiet_hours(call.at, study.alerts.quiet, study.sites[alert.site].zone)
    staff = find_recipients(call.to, alert.site, call.at, study=study, session=session)
    _owe(alert, call, staff, due_at=due_at, study=study, ids=ids, session=session)
    return tuple(person.id for person in staff)


def ring_person(
    alert: AlertRecord,
    person: StaffRecord,
    kind: str,
    *,
    at: dt.datetime,
    study: Study,
    ids: Callable[[], str],
    session: ClientSession,
) -> None:
    """Owe one person a message about an alert, at any hour: they were named."""
    call = Call(kind, (), at)
    _owe(alert, call, (person,), due_at=at, study=study, ids=ids, session=session)


def find_recipients(
    to: Iterable[str], site: str, at: dt.datetime, *, study: Study, session: ClientSession
) -> tuple[StaffRecord, ...]:
    """Give the people behind the words of a policy; each word falls back until somebody is there."""
    staff = active_staff(session=session)
    shifts = [shift.shift for shift in shifts_of(site, session=session)]
    here = study.sites[site]
    found: dict[str, StaffRecord] = {}
    for word in to:
        name: str | None = word
        people: tuple[StaffRecord, ...] = ()
        while name is not None and not people:
            people = _people(name, site, staff)
            if name in (DUTY_NURSE, DUTY_INVESTIGATOR):
                on = on_duty(shifts, _ROLES[name], at=at, zone=here.zone, holidays=here.holidays)
                people = tuple(person for person in people if person.id in on)
            name = FALLBACK.get(name)
        found |= {person.id: person for person in people}
    return tuple(found.values())


def cancel_messages(alert_id: str, *, at: dt.datetime, session: ClientSession) -> None:
    """Let messages that are still owed for an alert be sent no more: somebody has it."""
    for entry in of_alert(alert_id, session=session):
        if entry.state == DUE:
            change(entry, session=session, state=CANCELLED, settled_at=at)


def channels_of(person: StaffRecord, order: Iterable[str]) -> tuple[str, ...]:
    """Give a person's way: their own channel, then the site's others in their order.

    A person at the console is an operator's own: there is nothing behind it. A push without an
    address of its kind is passed by.
    """
    if person.channel == CONSOLE:
        return (CONSOLE,)
    pushed_by = push_channel(person.push_kind)
    others = (name for name in order if name not in PUSH_CHANNELS or name == pushed_by)
    return tuple(dict.fromkeys((person.channel, *others)))


def _people(word: str, site: str, staff: Collection[StaffRecord]) -> tuple[StaffRecord, ...]:
    if word == SAFETY_DESK:
        return tuple(
            person
            for person in staff
            if any(
                grant.role is Role.SAFETY_REVIEWER and grant.site is None for grant in person.grants
            )
        )
    return tuple(person for person in staff if _works_as(person, _ROLES[word], site))


def _works_as(person: StaffRecord, role: Role, site: str) -> bool:
    return any(grant.role is role and grant.site in (None, site) for grant in person.grants)


def _owe(
    alert: AlertRecord,
    call: Call,
    staff: Collection[StaffRecord],
    *,
    due_at: dt.datetime,
    study: Study,
    ids: Callable[[], str],
    session: ClientSession,
) -> None:
    order = study.sites[alert.site].channels
    ways = [(person.id, channels_of(person, order)) for person in staff]
    for recipient_id, channel, then in _first_channels(ways or [NOBODY], alert.tier):
        insert_entry(
            OutboxEntry(
                id=ids(),
                alert_id=alert.id,
                recipient_kind="staff",
                recipient_id=recipient_id,
                channel=channel,
                message={
                    "kind": call.kind,
                    # The site's first language is that of its staff.
                    "locale": study.sites[alert.site].languages[0],
                    "id": alert.id,
                    "v": str(alert.rev),
                    "tier": alert.tier,
                },
                collapse_key=alert.id,
                state=DUE,
                due_at=due_at,
                created_at=call.at,
                then=then,
            ),
            session=session,
        )


def _first_channels(
    ways: Iterable[tuple[str, tuple[str, ...]]], tier: str
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Give whom, over which channel, and what is left; an emergency goes two ways at once."""
    for recipient_id, way in ways:
        if tier == EMERGENCY and len(way) > 1:
            yield recipient_id, way[0], ()
            yield recipient_id, way[1], way[2:]
        else:
            yield recipient_id, way[0], way[1:]
