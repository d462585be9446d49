"""A second factor for staff: TOTP (RFC 6238) with recovery codes, asked for beside the password.

Six digits of SHA-1 and 30 seconds, because that is what authenticator apps read. One step before and
after is accepted (RFC 6238, section 5.2), each step once. The secret is sealed with a key of its own.
"""

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

import pyotp
from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.config import Config
from backend.db import transaction
from backend.errors import (
    Conflict,
    Fault,
    Forbidden,
    InvalidInput,
    NotFound,
    SecondFactorNeeded,
    StaleRevision,
    Unauthorised,
)
from backend.models import second_factor as factors
from backend.models.audit import AuditEntry, append
from backend.models.second_factor import SecondFactor
from backend.models.staff import StaffRecord, find_staff
from backend.services.limits import Limit, forget_attempts, take_attempt
from backend.services.tokens import keyed_hash, keyed_hashes
from backend.vault import vault

ISSUER = "PRO and adverse events"
STEP_SECONDS = 30
RECOVERY_CODES = 10
# Letters and digits that nobody takes for each other: 10 of 31 are 49 bits, and tries are limited.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_RECOVERY_LENGTH = 10
_PURPOSE = "recovery"
_ENROLLED = "You have a second factor already; remove it first."


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app reads once; `uri` is an otpauth URI, for a QR code."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class Asking:
    """With which settings a code is checked, and when."""

    config: Config
    now: dt.datetime
    ids: Callable[[], str]


def has_factor(*, actor: Actor) -> bool:
    """Tell whether one is asked for a code at sign-in."""
    known = factors.find_factor(_own(actor).id)
    return known is not None and known.confirmed_at is not None


def refuse_second(*, actor: Actor) -> None:
    """Refuse to begin where there is one already, before anything else is asked.

    Raises:
        Conflict: it is removed first.
    """
    if has_factor(actor=actor):
        raise Conflict(_ENROLLED)


def begin_enrolment(*, actor: Actor, now: dt.datetime) -> Enrolment:
    """Make a secret for one's own app; nothing is asked for until a code confirms it.

    Raises:
        Forbidden: the actor is no member of staff.
        Conflict: there is one already; it is removed first.
    """
    staff = _own(actor)
    secret = pyotp.random_base32()
    name = f"staff/{staff.id}"
    vault().make_key(name)
    sealed = bytes(vault().seal(name, _of(staff.id), {"secret": secret}))
    made = SecondFactor(staff.id, sealed, now, last_step=0, recovery=(), rev=0)

    def story(session: ClientSession) -> None:
        known = factors.find_factor(staff.id, session=session)
        if known is not None and known.confirmed_at is not None:
            raise Conflict(_ENROLLED)
        following = made if known is None else replace(made, rev=known.rev + 1)
        if not factors.put_factor(following, known=known, session=session):
            raise StaleRevision

    transaction(story)
    uri = pyotp.TOTP(secret).provisioning_uri(name=staff.email, issuer_name=ISSUER)
    return Enrolment(secret, uri)


def confirm_enrolment(code: str, *, actor: Actor, asking: Asking) -> tuple[str, ...]:
    """Confirm with the app's first code; give the recovery codes, which are never shown again.

    Raises:
        Forbidden: the actor is no member of staff.
        Conflict: nothing was begun, or it is confirmed already.
        TooManyRequests: too many wrong codes.
        InvalidInput: the code is not right.
    """
    staff = _own(actor)
    known = factors.find_factor(staff.id)
    if known is None or known.confirmed_at is not None:
        message = "There is nothing to confirm."
        raise Conflict(message)
    take_attempt(_limit(asking.config), staff.id, config=asking.config, now=asking.now)
    step = _step_of(known, code, asking.now)
    if step is None:
        raise InvalidInput(faults=(Fault("/code", "not the code of this moment"),))
    codes = tuple(
        "".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    )
    hashed = tuple(keyed_hash(asking.config, _PURPOSE, f"{staff.id}/{one}") for one in codes)
    confirmed = replace(
        known, confirmed_at=asking.now, last_step=step, recovery=hashed, rev=known.rev + 1
    )
    _change(confirmed, known, "second_factor:add", staff.id, asking)
    forget_attempts(_limit(asking.config), staff.id, config=asking.config)
    return codes


def check_code(staff: StaffRecord, code: str | None, *, asking: Asking) -> None:
    """Ask for a code where there is a second factor; the password was right.

    Raises:
        SecondFactorNeeded: a code is needed and was not given.
        TooManyRequests: too many wrong codes.
        Unauthorised: the code is wrong, or was used already.
    """
    known = factors.find_factor(staff.id)
    if known is None or known.confirmed_at is None:
        return
    if not code:
        raise SecondFactorNeeded
    # Counted before it is looked at: six digits must not be tried through.
    limit = _limit(asking.config)
    last = take_attempt(limit, staff.id, config=asking.config, now=asking.now)
    used = _used(known, code, staff.id, asking)
    if used is None:
        _refused(staff.id, asking, locked=last)
        raise Unauthorised
    following, how = used
    _change(following, known, how, staff.id, asking)
    forget_attempts(limit, staff.id, config=asking.config)


def remove_own(*, actor: Actor, asking: Asking) -> None:
    """Take away one's own second factor; the caller has asked for password and code once more.

    Raises:
        Forbidden: the actor is no member of staff.
        NotFound: there is none.
    """
    _remove(_own(actor).id, actor, asking)


def remove_for(staff_id: str, *, actor: Actor, asking: Asking) -> None:
    """Take away a lost one as an administrator, who has seen who asks.

    Raises:
        Forbidden: the actor does not manage this account.
        NotFound: there is no such account, or it has no second factor.
    """
    # Not one's own: that asks for password and code.
    if not access.may(actor, Action.STAFF_MANAGE) or staff_id == actor.id:
        raise Forbidden
    staff = find_staff(staff_id)
    if staff is None:
        raise NotFound
    if not access.may_manage(actor, staff.grants):
        raise Forbidden
    _remove(staff_id, actor, asking)


def _own(actor: Actor) -> StaffRecord:
    if not access.may(actor, Action.SESSION_SELF):
        raise Forbidden
    known = find_staff(actor.id)
    if known is None:
        raise NotFound
    return known


def _remove(staff_id: str, actor: Actor, asking: Asking) -> None:
    entry = AuditEntry(
        asking.ids(), asking.now, actor.id, "second_factor:remove", f"staff/{staff_id}"
    )

    def story(session: ClientSession) -> None:
        if not factors.remove_factor(staff_id, session=session):
            raise NotFound
        append(entry, session=session)

    transaction(story)


def _used(
    known: SecondFactor, code: str, staff_id: str, asking: Asking
) -> tuple[SecondFactor, str] | None:
    """Give what is left after a code was used, and how; None: it is none, or was used already."""
    step = _step_of(known, code, asking.now)
    if step is not None and step > known.last_step:
        return replace(known, last_step=step, rev=known.rev + 1), "second_factor:use"
    spelled = code.strip().upper().replace("-", "").replace(" ", "")
    for hashed in keyed_hashes(asking.config, _PURPOSE, f"{staff_id}/{spelled}"):
        if hashed in known.recovery:
            left = tuple(one for one in known.recovery if one != hashed)
            return replace(known, recovery=left, rev=known.rev + 1), "second_factor:recover"
    return None


def _step_of(known: SecondFactor, code: str, now: dt.datetime) -> int | None:
    totp = pyotp.TOTP(vault().open(_of(known.id), known.sealed)["secret"])
    present = int(now.timestamp()) // STEP_SECONDS
    # Compared in constant time, each of them.
    fitting = [step for step in (present - 1, present, present + 1) if _fits(totp, step, code)]
    return max(fitting, default=None)


def _fits(totp: pyotp.TOTP, step: int, code: str) -> bool:
    return pyotp.utils.strings_equal(totp.generate_otp(step), code.strip())


def _change(
    following: SecondFactor, known: SecondFactor, action: str, staff_id: str, asking: Asking
) -> None:
    details = {"recovery_left": len(following.recovery)}
    entry = AuditEntry(
        asking.ids(), asking.now, staff_id, action, f"staff/{staff_id}", details=details
    )

    def story(session: ClientSession) -> None:
        if not factors.put_factor(following, known=known, session=session):
            # Two sign-ins with one code at one moment: it is good for the first alone.
            raise Unauthorised
        append(entry, session=session)

    transaction(story)


def _refused(staff_id: str, asking: Asking, *, locked: bool) -> None:
    append(
        AuditEntry(
            id=asking.ids(),
            at=asking.now,
            actor_id=staff_id,
            action="second_factor:refuse",
            target=f"staff/{staff_id}",
            details={"locked": locked},
        )
    )


def _limit(config: Config) -> Limit:
    return Limit(
        "second-factor", config.login_attempts, dt.timedelta(seconds=config.lockout_seconds)
    )


def _of(staff_id: str) -> str:
    return f"totp/{staff_id}"
