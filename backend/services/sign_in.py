"""Signing in, staying signed in, signing out: token families with reuse detection."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from backend.access import Actor, Grant, Role
from backend.config import Config
from backend.errors import Unauthorised
from backend.models import session as sessions
from backend.models.audit import AuditEntry, append
from backend.models.device import find_device
from backend.models.session import SessionRecord
from backend.models.staff import StaffRecord, find_by_email, find_staff
from backend.services.limits import check_limit, clear_attempts, note_attempt
from backend.services.tokens import (
    TokenPair,
    new_refresh_token,
    read_access,
    session_of,
    sha256,
    sign_access,
)

_HASHER = PasswordHasher()
# Verified against when the e-mail is unknown, so that both answers take the same time.
_NOBODY = _HASHER.hash("nobody has this password")
# A phone that lost the answer to its rotation may come once more with the token before.
PHONE_GRACE = dt.timedelta(minutes=10)
# Sign-ins from one address, whoever they are for.
_PER_ADDRESS = 60
_ADDRESS_WINDOW = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody signs in with, and from which address."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    address: str


def hash_password(password: str) -> str:
    """Give the argon2id hash of a password."""
    return _HASHER.hash(password)


def sign_in(
    credentials: Credentials,
    *,
    config: Config,
    now: dt.datetime,
    ids: Callable[[], str],
) -> TokenPair:
    """Sign a member of staff in.

    Raises:
        TooManyRequests: the account is locked, or the address asks too often.
        Unauthorised: wrong, unknown or inactive: the answer does not say which.
    """
    lockout = dt.timedelta(seconds=config.lockout_seconds)
    email = credentials.email.strip().lower()
    check_limit("address", credentials.address, most=_PER_ADDRESS, window=_ADDRESS_WINDOW, now=now)
    check_limit("account", email, most=config.login_attempts, window=lockout, now=now)
    note_attempt("address", credentials.address, window=_ADDRESS_WINDOW, now=now)
    staff = find_by_email(email)
    if not _is_right(staff, credentials.password) or staff is None:
        note_attempt("account", email, window=lockout, now=now)
        actor_id = "unknown" if staff is None else staff.id
        _audit("session:refuse", actor_id, "session", now, ids)
        raise Unauthorised
    clear_attempts("account", email, window=lockout, now=now)
    session_id = ids()
    _audit("session:begin", staff.id, f"session/{session_id}", now, ids)
    life = dt.timedelta(seconds=config.refresh_token_seconds)
    return begin_session(session_id, config=config, now=now, life=life, staff_id=staff.id)


def begin_session(
    session_id: str,
    *,
    config: Config,
    now: dt.datetime,
    life: dt.timedelta,
    staff_id: str | None = None,
    device_id: str | None = None,
) -> TokenPair:
    """Begin a token family for a member of staff or a phone."""
    token = new_refresh_token(session_id)
    sessions.insert_session(
        SessionRecord(
            id=session_id,
            token_sha256=sha256(token),
            created_at=now,
            rotated_at=now,
            expires_at=now + life,
            rev=0,
            staff_id=staff_id,
            device_id=device_id,
        )
    )
    return TokenPair(sign_access(config, session_id, now=now), config.access_token_seconds, token)


def refresh(token: str, *, config: Config, now: dt.datetime, ids: Callable[[], str]) -> TokenPair:
    """Exchange a refresh token for the next; an old one ends the whole family.

    A phone may come once more with the token before, within `PHONE_GRACE`: its network dies
    between our commit and its answer, and a patient cannot sign in again by a password.

    Raises:
        Unauthorised: unknown, expired, revoked, or used before.
    """
    known = sessions.find_session(session_of(token))
    if known is None or not _is_alive(known, now):
        raise Unauthorised
    digest = sha256(token)
    current = digest == known.token_sha256
    again = (
        known.device_id is not None
        and digest == known.previous_sha256
        and now - known.rotated_at <= PHONE_GRACE
    )
    if not current and not again:
        _end(known, "reuse", now, ids)
        raise Unauthorised
    following = new_refresh_token(known.id)
    rotated = sessions.change(
        known,
        token_sha256=sha256(following),
        previous_sha256=digest,
        rotated_at=now,
    )
    if rotated is None:
        raise Unauthorised
    access = sign_access(config, known.id, now=now)
    return TokenPair(access, config.access_token_seconds, following)


def sign_out(session_id: str, *, now: dt.datetime, ids: Callable[[], str]) -> None:
    """End one family; its tokens stop working at once."""
    known = sessions.find_session(session_id)
    if known is not None:
        _end(known, "signed out", now, ids)


def live_sessions(staff_id: str, *, now: dt.datetime) -> tuple[SessionRecord, ...]:
    """Give a person's sign-ins that are still good, newest first."""
    return tuple(known for known in sessions.sessions_of_staff(staff_id) if _is_alive(known, now))


def who_asks(access_token: str, *, config: Config, now: dt.datetime) -> Actor:
    """Give the actor behind an access token, with the grants they have at this moment.

    Raises:
        Unauthorised: the token, its family, the person or the phone is no longer good.
    """
    known = sessions.find_session(read_access(config, access_token, now=now))
    if known is None or not _is_alive(known, now):
        raise Unauthorised
    if known.device_id is not None:
        device = find_device(known.device_id)
        if device is None or device.revoked_at is not None:
            raise Unauthorised
        return Actor(
            id=f"device/{device.id}",
            grants=(Grant(Role.PATIENT, device.site),),
            subject_id=device.subject_id,
            device_id=device.id,
            session_id=known.id,
        )
    staff = find_staff(known.staff_id or "")
    if staff is None or not staff.active:
        raise Unauthorised
    return Actor(id=staff.id, grants=staff.grants, session_id=known.id)


def _is_right(staff: StaffRecord | None, password: str) -> bool:
    try:
        _HASHER.verify(_NOBODY if staff is None else staff.password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return staff is not None and staff.active


def _is_alive(known: SessionRecord, now: dt.datetime) -> bool:
    return known.revoked_at is None and now < known.expires_at


def _end(known: SessionRecord, why: str, now: dt.datetime, ids: Callable[[], str]) -> None:
    if sessions.change(known, revoked_at=now, revoked_why=why) is not None:
        owner = known.staff_id or f"device/{known.device_id}"
        _audit(f"session:{why.replace(' ', '_')}", owner, f"session/{known.id}", now, ids)


def _audit(
    action: str, actor_id: str, target: str, now: dt.datetime, ids: Callable[[], str]
) -> None:
    append(AuditEntry(id=ids(), at=now, actor_id=actor_id, action=action, target=target))
