"""A patient's phone: invited by staff with a one-time code, activated, listed and revoked."""

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend.access import Action, Actor
from backend.config import Config
from backend.db import transaction
from backend.errors import NotFound, Unauthorised
from backend.models import activation as codes
from backend.models import device as devices
from backend.models.activation import ActivationCode
from backend.models.audit import AuditEntry, append
from backend.models.device import DeviceRecord
from backend.models.session import revoke_all
from backend.models.subject import find_subject
from backend.services.limits import check_limit, note_attempt
from backend.services.sign_in import begin_session
from backend.services.subject import subject_for
from backend.services.tokens import TokenPair, sha256

# Crockford's base 32: no letter that is read as a digit. 12 of them are 60 bits.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 12
_PER_ADDRESS = 20
_WINDOW = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code as it is shown once to the person who hands it over."""

    code: str
    subject_id: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Activated:
    """What a phone gets: who it is, for whom it writes, and its tokens."""

    device_id: str
    subject_id: str
    language: str
    tokens: TokenPair


def issue_code(
    subject_id: str, *, actor: Actor, config: Config, now: dt.datetime, ids: Callable[[], str]
) -> IssuedCode:
    """Issue a one-time code for a subject's phone; earlier codes of the subject stop working.

    Raises:
        NotFound, Forbidden: not for this actor.
    """
    subject = subject_for(subject_id, actor, Action.DEVICE_INVITE)
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    expires_at = now + dt.timedelta(seconds=config.activation_code_seconds)

    def story(session: ClientSession) -> None:
        codes.void_codes(subject.id, at=now, session=session)
        codes.insert_code(
            ActivationCode(sha256(letters), subject.id, subject.site, actor.id, now, expires_at),
            session=session,
        )
        entry = AuditEntry(
            id=ids(),
            at=now,
            actor_id=actor.id,
            action="device:invite",
            target=f"subject/{subject.id}",
            site=subject.site,
            subject_id=subject.id,
        )
        append(entry, session=session)

    transaction(story)
    shown = "-".join(letters[at : at + 4] for at in range(0, _CODE_LENGTH, 4))
    return IssuedCode(shown, subject.id, expires_at)


def activate(
    code: str,
    label: str,
    *,
    address: str,
    config: Config,
    now: dt.datetime,
    ids: Callable[[], str],
) -> Activated:
    """Activate a phone by its code.

    Raises:
        TooManyRequests: too many attempts from this address.
        Unauthorised: unknown, used, voided or expired: the answer does not say which.
    """
    check_limit("activation", address, most=_PER_ADDRESS, window=_WINDOW, now=now)
    note_attempt("activation", address, window=_WINDOW, now=now)
    digest = sha256(_plain(code))

    def story(session: ClientSession) -> DeviceRecord:
        found = codes.find_code(digest, session=session)
        if found is None or found.used_at or found.voided_at or now >= found.expires_at:
            raise Unauthorised
        codes.use_code(digest, at=now, session=session)
        device = DeviceRecord(ids(), found.subject_id, found.site, now, label)
        devices.insert_device(device, session=session)
        entry = AuditEntry(
            id=ids(),
            at=now,
            actor_id=f"device/{device.id}",
            action="device:activate",
            target=f"device/{device.id}",
            site=device.site,
            subject_id=device.subject_id,
        )
        append(entry, session=session)
        return device

    device = transaction(story)
    life = dt.timedelta(seconds=config.device_token_seconds)
    tokens = begin_session(ids(), config=config, now=now, life=life, device_id=device.id)
    subject = find_subject(device.subject_id)
    return Activated(device.id, device.subject_id, subject.language if subject else "en", tokens)


def list_devices(subject_id: str, *, actor: Actor) -> tuple[DeviceRecord, ...]:
    """Give a subject's phones.

    Raises:
        NotFound, Forbidden: not for this actor.
    """
    subject = subject_for(subject_id, actor, Action.DEVICE_READ)
    return devices.devices_of(subject.id)


def revoke_device(
    subject_id: str, device_id: str, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> None:
    """Revoke a lost phone: its tokens stop working at once, its push address is dropped.

    Raises:
        NotFound, Forbidden: not for this actor, or no such phone of this subject.
    """
    subject = subject_for(subject_id, actor, Action.DEVICE_REVOKE)
    device = devices.find_device(device_id)
    if device is None or device.subject_id != subject.id:
        raise NotFound

    def story(session: ClientSession) -> None:
        gone = {"revoked_at": now, "push_kind": None, "push_value": None}
        devices.set_fields(device_id, gone, session=session)
        revoke_all("device_id", device_id, at=now, why="device revoked", session=session)
        entry = AuditEntry(
            id=ids(),
            at=now,
            actor_id=actor.id,
            action="device:revoke",
            target=f"device/{device_id}",
            site=subject.site,
            subject_id=subject.id,
        )
        append(entry, session=session)

    transaction(story)


def register_reach(
    push_kind: str, push_value: str, reminder_time: str | None, *, actor: Actor
) -> DeviceRecord:
    """Let a phone say where its reminders go, and at which time of its day.

    Raises:
        NotFound: the actor is no phone.
    """
    if actor.device_id is None:
        raise NotFound
    fields = {
        "push_kind": push_kind,
        "push_value": push_value,
        "push_dead_at": None,
        "reminder_time": reminder_time,
    }
    devices.set_fields(actor.device_id, fields)
    device = devices.find_device(actor.device_id)
    if device is None:
        raise NotFound
    return device


def _plain(code: str) -> str:
    # Crockford: O is read as 0, I and L as 1; dashes and blanks are for the eye.
    letters = code.upper().replace("-", "").replace(" ", "")
    return letters.replace("O", "0").replace("I", "1").replace("L", "1")
