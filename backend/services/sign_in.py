"""Signing in with e-mail and password: one answer for every mistake, a pause after too many."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from pymongo.client_session import ClientSession

from backend.config import Config
from backend.db import transaction
from backend.errors import Unauthorised
from backend.models.audit import AuditEntry, append
from backend.models.session import insert_session
from backend.models.staff import StaffRecord, find_by_email
from backend.services.limits import (
    Limit,
    forget_attempts,
    network_of,
    return_attempt,
    take_attempt,
)
from backend.services.password import normal_password
from backend.services.second_factor import Asking, check_code
from backend.services.session import open_session
from backend.services.tokens import TokenPair, keyed_hash

# argon2id with the library's defaults, RFC 9106's second profile: 64 MiB, 3 passes, 4 lanes.
_HASHER = PasswordHasher()
# Verified against when the e-mail is unknown, so that both answers take the same time.
_NOBODY = _HASHER.hash("nobody has this password")
# Mistakes from one address, whoever they are for. A whole hospital may stand behind one address,
# so a success gives its attempt back; each verification costs 64 MiB, so there must be a limit.
ADDRESS_LIMIT = Limit("address", most=60, window=dt.timedelta(minutes=5))
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody signs in with, and from which network address."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    address: str
    code: str | None = field(default=None, repr=False)


def hash_password(password: str) -> str:
    """Give the argon2id hash of a password."""
    return _HASHER.hash(normal_password(password))


def normal_email(email: str) -> str:
    """Give the one spelling under which an e-mail is stored and looked up."""
    return email.strip().lower()


def sign_in(
    credentials: Credentials, *, config: Config, now: dt.datetime, ids: Callable[[], str]
) -> TokenPair:
    """Sign a member of staff in.

    Raises:
        TooManyRequests: the account is locked, or the address made too many mistakes.
        Unauthorised: wrong, unknown or closed: the answer does not say which.
        SecondFactorNeeded: the password is right, and a code belongs beside it.
    """
    email = normal_email(credentials.email)
    staff = find_by_email(email)
    check_password(staff, email, credentials, config=config, now=now, ids=ids)
    if staff is None:
        raise Unauthorised
    check_code(staff, credentials.code, asking=Asking(config, now, ids))
    record, tokens = open_session(config=config, now=now, ids=ids, staff_id=staff.id)
    entry = AuditEntry(ids(), now, staff.id, "session:begin", f"session/{record.id}")

    def story(session: ClientSession) -> None:
        insert_session(record, session=session)
        append(entry, session=session)

    transaction(story)
    return tokens


def check_password(
    staff: StaffRecord | None,
    email: str,
    credentials: Credentials,
    *,
    config: Config,
    now: dt.datetime,
    ids: Callable[[], str],
) -> None:
    """Check a password within the limits of its account and address; a mistake is audited.

    Raises:
        TooManyRequests: the account is locked, or the address made too many mistakes.
        Unauthorised: wrong, unknown (`staff` None) or closed.
    """
    account = Limit("account", config.login_attempts, dt.timedelta(seconds=config.lockout_seconds))
    network = network_of(credentials.address)
    take_attempt(ADDRESS_LIMIT, network, config=config, now=now)
    # By e-mail, not by account: an unknown one is locked alike, and the lock tells nothing.
    last = take_attempt(account, email, config=config, now=now)
    if not _is_right(staff, credentials.password):
        append(
            AuditEntry(
                id=ids(),
                at=now,
                actor_id=staff.id if staff else _UNKNOWN,
                action="session:refuse",
                target=f"staff/{staff.id}" if staff else f"e-mail/{_tag(config, email)}",
                details={"locked": last},
            )
        )
        raise Unauthorised
    forget_attempts(account, email, config=config)
    return_attempt(ADDRESS_LIMIT, network, config=config, now=now)


def _is_right(staff: StaffRecord | None, password: str) -> bool:
    try:
        _HASHER.verify(_NOBODY if staff is None else staff.password_hash, normal_password(password))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return staff is not None and staff.active


def _tag(config: Config, email: str) -> str:
    # Enough to see in the trail that it was the same e-mail again, and not which.
    return keyed_hash(config, "audit", email)[:16]
