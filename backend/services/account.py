"""One's own staff account: where alerts ring, and the password that nobody else knows."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.config import Config
from backend.db import transaction
from backend.errors import (
    Fault,
    Forbidden,
    InvalidInput,
    NotFound,
    SecondFactorNeeded,
    StaleRevision,
    Unauthorised,
)
from backend.models import staff as people
from backend.models.audit import AuditEntry, append
from backend.models.session import revoke_sessions_of_staff
from backend.models.staff import StaffRecord
from backend.services.reach import stored_address
from backend.services.second_factor import Asking, check_code
from backend.services.sign_in import Credentials, check_password, hash_password
from backend.services.staff import refuse_password


@dataclass(frozen=True, slots=True)
class StaffReach:
    """The channel for one's own alerts; `fcm` and `webpush` need an address {kind, value}."""

    channel: str
    kind: str | None = None
    value: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The password until now, the one from now on, and from which network address it comes."""

    old: str = field(repr=False)
    new: str = field(repr=False)
    address: str


def set_reach(
    reach: StaffReach,
    *,
    actor: Actor,
    config: Config,
    now: dt.datetime,
    ids: Callable[[], str],
) -> StaffRecord:
    """Let a member of staff say where their own alerts go; no address takes the old one away.

    Raises:
        Forbidden: the actor is no member of staff.
        NotFound: the account is gone.
        InvalidInput: the address is no subscription of an allowed push service.
        StaleRevision: it changed at the same moment.
    """
    known = _own(actor)
    changed = replace(
        known,
        channel=reach.channel,
        push_kind=reach.kind,
        push_value=stored_address(reach.kind, reach.value, config=config),
        rev=known.rev + 1,
    )
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action="staff:reach",
        target=f"staff/{known.id}",
        details={"channel": reach.channel},
        changes={"channel": {"old": known.channel, "new": reach.channel}},
    )

    def story(session: ClientSession) -> None:
        if not people.replace_staff(changed, session=session):
            raise StaleRevision
        append(entry, session=session)

    transaction(story)
    return changed


def change_password(
    change: PasswordChange,
    *,
    actor: Actor,
    config: Config,
    now: dt.datetime,
    ids: Callable[[], str],
) -> None:
    """Change one's own password; every sign-in ends, this one too.

    Raises:
        Forbidden: the actor is no member of staff.
        NotFound: the account is gone.
        TooManyRequests: the account is locked after too many mistakes.
        InvalidInput: the old password is wrong, or the new one too easy.
        StaleRevision: the account changed at the same moment.
    """
    known = _own(actor)
    credentials = Credentials(known.email, change.old, change.address)
    try:
        check_password(known, known.email, credentials, config=config, now=now, ids=ids)
    except Unauthorised as error:
        # Not a 401: the access token is good, and a client would throw it away.
        raise InvalidInput(faults=(Fault("/old", "not the present password"),)) from error
    refuse_password(change.new, known.email, known.name, pointer="/new")
    changed = replace(
        known,
        password_hash=hash_password(change.new),
        sessions_from=now,
        rev=known.rev + 1,
    )
    entry = AuditEntry(ids(), now, actor.id, "staff:password", f"staff/{known.id}")

    def story(session: ClientSession) -> None:
        if not people.replace_staff(changed, session=session):
            raise StaleRevision
        revoke_sessions_of_staff(known.id, at=now, why="password changed", session=session)
        append(entry, session=session)

    transaction(story)


def check_own(
    password: str, code: str | None, address: str, *, actor: Actor, asking: Asking
) -> StaffRecord:
    """Ask whoever is signed in for password, and code where there is one, once more.

    Raises:
        Forbidden, NotFound: the actor has no account.
        TooManyRequests: too many mistakes.
        InvalidInput: one of the two is not right, or the code is missing.
    """
    known = _own(actor)
    credentials = Credentials(known.email, password, address)
    config, now, ids = asking.config, asking.now, asking.ids
    # Not a 401: the access token is good, and a client would throw it away.
    try:
        check_password(known, known.email, credentials, config=config, now=now, ids=ids)
    except Unauthorised as error:
        raise InvalidInput(faults=(Fault("/password", "not your password"),)) from error
    try:
        check_code(known, code, asking=asking)
    except (SecondFactorNeeded, Unauthorised) as error:
        raise InvalidInput(faults=(Fault("/code", "the code of this moment is needed"),)) from error
    return known


def _own(actor: Actor) -> StaffRecord:
    if not access.may(actor, Action.SESSION_SELF):
        raise Forbidden
    known = people.find_staff(actor.id)
    if known is None:
        raise NotFound
    return known
