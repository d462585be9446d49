"""Staying signed in and signing out: token families of staff and phones, with reuse detection."""

import datetime as dt
import hmac
from collections.abc import Callable
from dataclasses import replace

from pymongo.client_session import ClientSession

from backend.access import Actor, Grant, Role
from backend.config import Config
from backend.db import transaction
from backend.errors import ProofNeeded, Unauthorised
from backend.models import device as devices
from backend.models import session as sessions
from backend.models.audit import AuditEntry, append
from backend.models.session import SessionRecord
from backend.models.staff import find_staff
from backend.origin import origin
from backend.services.binding import Presented, check_proof, nonce_at
from backend.services.break_glass import grants_of
from backend.services.tokens import (
    TokenPair,
    is_genuine,
    new_refresh_token,
    read_access,
    session_of,
    sha256,
    sign_access,
)

BEARER, BOUND = "Bearer", "DPoP"
# A phone whose network dies between our commit and our answer still holds the token before. It
# comes once more with that one, often not before the next evening's diary; a patient has no
# password to sign in again, and a phone that is shut out reports no symptoms. So the token before
# is taken once more, within this time. If a thief was the one who came, the other holder's next
# refresh is with a token that is used up, and ends the family.
PHONE_GRACE = dt.timedelta(hours=36)
# After a restore the database knows an older token of each phone than the phone has. Within this time
# one token that we once made is taken for the newest (docs/adr/0025); P: as long as a hospital stay.
RESTORED_GRACE = dt.timedelta(days=14)


def open_session(
    *,
    config: Config,
    now: dt.datetime,
    ids: Callable[[], str],
    staff_id: str | None = None,
    device_id: str | None = None,
    key_thumbprint: str | None = None,
) -> tuple[SessionRecord, TokenPair]:
    """Make a token family for a member of staff or a phone (with its key, if any); the caller stores it."""
    session_id = ids()
    token = new_refresh_token(config, session_id)
    record = SessionRecord(
        id=session_id,
        token_sha256=sha256(token),
        created_at=now,
        rotated_at=now,
        expires_at=now + _life(config, device_id),
        rev=0,
        staff_id=staff_id,
        device_id=device_id,
        client=_client(),
        key_thumbprint=key_thumbprint,
    )
    return record, _pair(config, record, token, now=now, ids=ids)


def refresh(
    token: str,
    presented: Presented,
    *,
    config: Config,
    now: dt.datetime,
    ids: Callable[[], str],
) -> TokenPair:
    """Exchange a refresh token for the next; one that is used up ends the whole family.

    Of a phone with a key nothing happens without its proof: a stolen token neither gets the next one
    nor ends the family.

    Raises:
        Unauthorised: unknown, expired, revoked, or used before.
        ProofNeeded: the family is bound to a key that this request does not prove.
    """
    digest = sha256(token)
    proven = False
    while True:
        known = sessions.find_session(session_of(token))
        if known is None or _owner(known, now) is None:
            raise Unauthorised
        if known.key_thumbprint is not None and not proven:
            check_proof(presented, known.key_thumbprint, access_token=None, config=config, now=now)
            # A proof is good once, and this loop may come round again.
            proven = True
        following = new_refresh_token(config, known.id)
        rotated = _rotated(known, digest, following, config, now)
        if rotated is None and _may_be_newer(known, now) and is_genuine(config, token):
            rotated = _rotated(replace(known, token_sha256=digest), digest, following, config, now)
        if rotated is None:
            if is_genuine(config, token):
                _end_reused(known, now, ids)
            raise Unauthorised
        if sessions.rotate_session(known, rotated):
            return _pair(config, known, following, now=now, ids=ids)


def who_asks(access_token: str, presented: Presented, *, config: Config, now: dt.datetime) -> Actor:
    """Give the actor behind an access token, with the grants they have at this moment.

    Raises:
        Unauthorised: the token, its family, the person or the phone is no longer good.
        ProofNeeded: the token is bound to a key that this request does not prove.
    """
    known = sessions.find_session(read_access(config, access_token, now=now))
    found = None if known is None else _owner(known, now)
    if known is None or found is None:
        raise Unauthorised
    if known.key_thumbprint is not None:
        _check_bound(access_token, presented, known.key_thumbprint, config, now)
    elif presented.bound:
        # Whoever says that a token is bound must not get by with one that is not.
        raise Unauthorised
    return found


def _rotated(
    known: SessionRecord, digest: str, following: str, config: Config, now: dt.datetime
) -> SessionRecord | None:
    """Give the family after this token, or None where the token is not good (any more)."""
    if hmac.compare_digest(digest, known.token_sha256):
        return replace(
            known,
            token_sha256=sha256(following),
            previous_sha256=digest,
            previous_used_at=None,
            restored_at=None,
            rotated_at=now,
            # A sign-in ends on its day; a phone stays as long as it comes back.
            expires_at=now + _life(config, known.device_id)
            if known.device_id
            else known.expires_at,
        )
    lost_answer = (
        known.device_id is not None
        and hmac.compare_digest(digest, known.previous_sha256 or "")
        and known.previous_used_at is None
        and now - known.rotated_at <= PHONE_GRACE
    )
    if lost_answer:
        # `rotated_at` stays: what is taken once must not begin a new time of grace.
        return replace(known, token_sha256=sha256(following), previous_used_at=now)
    return None


def _may_be_newer(known: SessionRecord, now: dt.datetime) -> bool:
    """Tell whether a phone may hold a token that was made after the backup we came out of."""
    return known.restored_at is not None and now - known.restored_at <= RESTORED_GRACE


def _end_reused(known: SessionRecord, now: dt.datetime, ids: Callable[[], str]) -> None:
    """End a family one of whose used-up tokens came back, and its phone with it."""
    device = None if known.device_id is None else devices.find_device(known.device_id)
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=known.staff_id or f"device/{known.device_id}",
        action="session:reuse",
        target=f"session/{known.id}",
        site=device.site if device else None,
        subject_id=device.subject_id if device else None,
    )

    def story(session: ClientSession) -> None:
        if not sessions.revoke_session(known.id, at=now, why="reuse", session=session):
            return
        if device is not None:
            # Someone else may hold this phone's tokens: no reminder may go there either, and the
            # staff must see that the patient needs a new code.
            devices.revoke(device.id, at=now, why="reuse", session=session)
        append(entry, session=session)

    transaction(story)


def _owner(known: SessionRecord, now: dt.datetime) -> Actor | None:
    """Give whose family this is; None where it, the person or the phone is no longer good."""
    if known.revoked_at is not None or now >= known.expires_at:
        return None
    if known.device_id is not None:
        device = devices.find_device(known.device_id)
        if device is None or device.revoked_at is not None:
            return None
        return Actor(
            id=f"device/{device.id}",
            grants=(Grant(Role.PATIENT, device.site),),
            subject_id=device.subject_id,
            device_id=device.id,
            session_id=known.id,
        )
    staff = find_staff(known.staff_id or "")
    if staff is None or not staff.active:
        return None
    # Beside revoking: catches a sign-in with the old password that was under way meanwhile.
    if staff.sessions_from is not None and known.created_at < staff.sessions_from:
        return None
    grants = (*staff.grants, *grants_of(staff.id, now=now))
    return Actor(id=staff.id, grants=grants, session_id=known.id)


def _check_bound(
    access_token: str, presented: Presented, key: str, config: Config, now: dt.datetime
) -> None:
    # Sent as a bearer's, a bound token is refused even beside a proof (RFC 9449, 7.2).
    if not presented.bound:
        raise ProofNeeded(nonce_at(config, now))
    check_proof(presented, key, access_token=access_token, config=config, now=now)


def _client() -> str | None:
    # A command's `client` is the machine's user, who is nobody's browser.
    here = origin()
    return here.client if here.kind == "web" else None


def _life(config: Config, device_id: str | None) -> dt.timedelta:
    seconds = config.refresh_token_seconds if device_id is None else config.device_token_seconds
    return dt.timedelta(seconds=seconds)


def _pair(
    config: Config, family: SessionRecord, token: str, *, now: dt.datetime, ids: Callable[[], str]
) -> TokenPair:
    signed = sign_access(config, family.id, ids(), now=now)
    kind = BEARER if family.key_thumbprint is None else BOUND
    return TokenPair(signed, config.access_token_seconds, token, kind)
