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
from backend.models.audit import changed as differing
from backend.models.session import revoke_sessions_of_staff
from backend.models.staff import StaffRecord
from backend.models.study import Study
from backend.services.password import password_faults
from backend.services.sign_in import hash_password, normal_email

CHANNELS = ("console", "email", "fcm", "webhook", "webpush")


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
        Forbidden: the actor is no administrator of all the sites that the account would have.
        InvalidInput: a grant names a site that the study does not have, or a patient's role; or the
            password is too easy.
        Conflict: the e-mail has an account.
    """
    _check(actor)
    _check_grants(new.grants, study)
    if not access.may_manage(actor, new.grants):
        raise Forbidden
    return _create(new, actor, now, ids)


def create_first_administrator(
    new: NewStaff, *, now: dt.datetime, ids: Callable[[], str]
) -> StaffRecord:
    """Make an account from the machine itself, where no account could make one.

    Raises:
        Conflict: the e-mail has an account.
    """
    return _create(new, Actor("machine", ()), now, ids)


def list_staff(*, actor: Actor) -> tuple[StaffRecord, ...]:
    """Give the accounts by e-mail: all, or those with a grant at the administrator's sites.

    Raises:
        Forbidden: the actor is no administrator.
    """
    _check(actor)
    return tuple(staff for staff in people.all_staff() if _is_seen(actor, staff))


def change_staff(
    staff_id: str,
    change: StaffChange,
    *,
    actor: Actor,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
) -> StaffRecord:
    """Change grants, reset the password, close or reopen an account.

    New grants act at once; a new password or a closed account ends every sign-in.

    Raises:
        Forbidden: the actor is no administrator of all the sites that the account has or gets.
        NotFound: there is no such account, or the actor may not know of it.
        InvalidInput: a grant does not fit the study.
        StaleRevision: somebody was quicker.
    """
    _check(actor)
    known = people.find_staff(staff_id)
    if known is None or not _is_seen(actor, known):
        raise NotFound
    grants = known.grants if change.grants is None else change.grants
    _check_grants(() if change.grants is None else change.grants, study)
    if not (access.may_manage(actor, known.grants) and access.may_manage(actor, grants)):
        raise Forbidden
    if known.rev != change.rev:
        raise StaleRevision
    if change.password is not None:
        refuse_password(change.password, known.email, known.name)
    active = known.active if change.active is None else change.active
    ends = change.password is not None or not active
    changed = replace(
        known,
        grants=grants,
        active=active,
        password_hash=(
            known.password_hash if change.password is None else hash_password(change.password)
        ),
        sessions_from=now if ends else known.sessions_from,
        rev=known.rev + 1,
    )
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action="staff:change",
        target=f"staff/{staff_id}",
        details={**_said(changed), "before": _said(known), "password": change.password is not None},
        changes=differing(_said(known), _said(changed)),
    )

    def story(session: ClientSession) -> None:
        if not people.replace_staff(changed, session=session):
            raise StaleRevision
        if ends:
            revoke_sessions_of_staff(staff_id, at=now, why="account changed", session=session)
        append(entry, session=session)

    transaction(story)
    return changed


def refuse_password(password: str, email: str, name: str, *, pointer: str = "/password") -> None:
    """Refuse a new password that is too easy.

    Raises:
        InvalidInput: with what is wrong.
    """
    faults = tuple(Fault(pointer, detail) for detail in password_faults(password, email, name))
    if faults:
        raise InvalidInput(faults=faults)


def _create(new: NewStaff, actor: Actor, now: dt.datetime, ids: Callable[[], str]) -> StaffRecord:
    refuse_password(new.password, new.email, new.name)
    staff = StaffRecord(
        id=ids(),
        email=normal_email(new.email),
        password_hash=hash_password(new.password),
        name=new.name,
        grants=new.grants,
        active=True,
        channel=new.channel,
        created_at=now,
        rev=0,
    )
    entry = AuditEntry(
        ids(), now, actor.id, "staff:create", f"staff/{staff.id}", details=_said(staff)
    )

    def story(session: ClientSession) -> None:
        people.insert_staff(staff, session=session)
        append(entry, session=session)

    try:
        transaction(story)
    except DuplicateKeyError as error:
        message = "This e-mail has an account already."
        raise Conflict(message) from error
    return staff


def _check(actor: Actor) -> None:
    if not access.may(actor, Action.STAFF_MANAGE):
        raise Forbidden


def _is_seen(actor: Actor, staff: StaffRecord) -> bool:
    reach = access.scope(actor, Action.STAFF_MANAGE).sites
    return reach is None or any(grant.site in reach for grant in staff.grants)


def _check_grants(grants: tuple[Grant, ...], study: Study) -> None:
    faults = [
        Fault(f"/grants/{index}", "a role of staff at a site of this study")
        for index, grant in enumerate(grants)
        if grant.role is Role.PATIENT or (grant.site is not None and grant.site not in study.sites)
    ]
    faults += [
        Fault(f"/grants/{index}/unblinded", "a role that may see the arm in this study")
        for index, grant in enumerate(grants)
        if grant.unblinded and grant.role not in study.arm_seen_by
    ]
    if faults:
        raise InvalidInput(faults=tuple(faults))


def _said(staff: StaffRecord) -> dict[str, object]:
    """Give what the trail keeps of an account: no name, no e-mail."""
    grants = [
        f"{grant.role}@{grant.site or '*'}{'+arm' if grant.unblinded else ''}"
        for grant in staff.grants
    ]
    return {"grants": grants, "active": staff.active}
