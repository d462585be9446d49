"""Staff accounts: made, changed and closed by an administrator; each change is audited."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from backend import access
from backend.access import Action, Actor, Grant, Role
from backend.db import transaction
from backend.errors import Conflict, Fault, Forbidden, InvalidInput, NotFound, StaleRevision
from backend.models import staff as people
from backend.models.audit import AuditEntry, append
from backend.models.session import revoke_all
from backend.models.staff import StaffRecord
from backend.models.study import Study
from backend.services.sign_in import hash_password

CHANNELS = ("console", "email", "fcm")


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A new account."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    name: str
    grants: tuple[Grant, ...]
    channel: str


@dataclass(frozen=True, slots=True)
class StaffChange:
    """What changes of an account; None leaves a part as it is."""

    rev: int
    grants: tuple[Grant, ...] | None
    active: bool | None
    password: str | None = field(repr=False)


def create_staff(
    new: NewStaff,
    *,
    actor: Actor,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
) -> StaffRecord:
    """Make an account.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: a grant names a site that the study does not have, or a patient's role.
        Conflict: the e-mail has an account.
    """
    _check(actor)
    _check_grants(new.grants, study)
    return _create(new, actor, now, ids)


def _create(new: NewStaff, actor: Actor, now: dt.datetime, ids: Callable[[], str]) -> StaffRecord:
    staff = StaffRecord(
        id=ids(),
        email=new.email.strip().lower(),
        password_hash=hash_password(new.password),
        name=new.name,
        grants=new.grants,
        active=True,
        channel=new.channel,
        created_at=now,
        rev=0,
    )

    def story(session: ClientSession) -> StaffRecord:
        people.insert_staff(staff, session=session)
        _audit("staff:create", staff, actor, now, ids, session)
        return staff

    try:
        return transaction(story)
    except DuplicateKeyError as error:
        message = "This e-mail has an account already."
        raise Conflict(message) from error


def create_first_administrator(
    email: str, password: str, name: str, *, now: dt.datetime, ids: Callable[[], str]
) -> StaffRecord:
    """Make an administrator from the machine itself, where no account could make one.

    Raises:
        Conflict: the e-mail has an account.
    """
    machine = Actor("machine", (Grant(Role.ADMINISTRATOR),))
    new = NewStaff(email, password, name, (Grant(Role.ADMINISTRATOR),), "console")
    return _create(new, machine, now, ids)


def list_staff(*, actor: Actor) -> tuple[StaffRecord, ...]:
    """Give all accounts by e-mail.

    Raises:
        Forbidden: the actor is no administrator.
    """
    _check(actor)
    return people.all_staff()


def change_staff(
    staff_id: str,
    change: StaffChange,
    *,
    actor: Actor,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
) -> StaffRecord:
    """Change grants, password or whether the account is open; the person must sign in again.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: there is no such account.
        InvalidInput: a grant does not fit the study.
        StaleRevision: somebody was quicker.
    """
    _check(actor)
    if change.grants is not None:
        _check_grants(change.grants, study)
    known = people.find_staff(staff_id)
    if known is None:
        raise NotFound
    if known.rev != change.rev:
        raise StaleRevision
    changed = replace(
        known,
        grants=known.grants if change.grants is None else change.grants,
        active=known.active if change.active is None else change.active,
        password_hash=(
            known.password_hash if change.password is None else hash_password(change.password)
        ),
        rev=known.rev + 1,
    )

    def story(session: ClientSession) -> StaffRecord:
        if not people.replace_staff(changed, session=session):
            raise StaleRevision
        # Grants act at once (who_asks reads them); a password or a closed account ends sessions.
        if change.password is not None or not changed.active:
            revoke_all("staff_id", staff_id, at=now, why="account changed", session=session)
        _audit("staff:change", changed, actor, now, ids, session)
        return changed

    return transaction(story)


def set_reach(
    push_kind: str,
    push_value: str,
    channel: str,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> StaffRecord:
    """Let a member of staff say where their own alerts go.

    Raises:
        NotFound: the account is gone.
        StaleRevision: it changed at the same moment.
    """
    known = people.find_staff(actor.id)
    if known is None:
        raise NotFound
    changed = replace(
        known, push_kind=push_kind, push_value=push_value, channel=channel, rev=known.rev + 1
    )

    def story(session: ClientSession) -> StaffRecord:
        if not people.replace_staff(changed, session=session):
            raise StaleRevision
        _audit("staff:reach", changed, actor, now, ids, session)
        return changed

    return transaction(story)


def _check(actor: Actor) -> None:
    if not access.may(actor, Action.STAFF_MANAGE):
        raise Forbidden


def _check_grants(grants: tuple[Grant, ...], study: Study) -> None:
    faults = [
        Fault(f"/grants/{index}", "a role of staff at a site of this study")
        for index, grant in enumerate(grants)
        if grant.role is Role.PATIENT or (grant.site is not None and grant.site not in study.sites)
    ]
    if faults:
        raise InvalidInput(faults=tuple(faults))


def _audit(
    action: str,
    staff: StaffRecord,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
    session: ClientSession,
) -> None:
    grants = [
        f"{grant.role}@{grant.site or '*'}{'+arm' if grant.unblinded else ''}"
        for grant in staff.grants
    ]
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action=action,
        target=f"staff/{staff.id}",
        details={"grants": grants, "active": staff.active},
    )
    append(entry, session=session)
