"""A patient's phone is invited by staff with a one-time code, and activated by it."""

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pymongo.client_session import ClientSession

from backend.access import Action, Actor
from backend.config import Config
from backend.db import transaction
from backend.errors import Unauthorised
from backend.models.activation import ActivationCode, insert_code, take_code, void_codes
from backend.models.audit import AuditEntry, append
from backend.models.device import DeviceRecord, insert_device
from backend.models.session import insert_session
from backend.models.subject import Subject, find_subject
from backend.services.binding import Presented, key_of
from backend.services.limits import Limit, network_of, return_attempt, take_attempt
from backend.services.session import open_session
from backend.services.subject import subject_for
from backend.services.tokens import TokenPair, keyed_hash, keyed_hashes

# Crockford's base 32: no letter that is read as a digit. 12 of them are 60 bits.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 12
_GROUP = 4
_PURPOSE = "activation"
# Wrong codes from one address, such as a ward's: a success gives its attempt back.
ADDRESS_LIMIT = Limit("activation", most=20, window=dt.timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code as it is shown once to the person who hands it over."""

    code: str = field(repr=False)
    subject_id: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Activated:
    """What a phone gets: who it is, for whom it writes, in which language and zone, its tokens."""

    device_id: str
    subject_id: str
    language: str
    zone: str
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
    issued = ActivationCode(
        id=keyed_hash(config, _PURPOSE, letters),
        subject_id=subject.id,
        site=subject.site,
        issued_by=actor.id,
        issued_at=now,
        expires_at=now + dt.timedelta(seconds=config.activation_code_seconds),
    )
    entry = _entry(ids(), now, actor.id, "device:invite", f"subject/{subject.id}", issued)

    def story(session: ClientSession) -> None:
        void_codes(subject.id, at=now, session=session)
        insert_code(issued, session=session)
        append(entry, session=session)

    transaction(story)
    shown = "-".join(letters[at : at + _GROUP] for at in range(0, _CODE_LENGTH, _GROUP))
    return IssuedCode(shown, subject.id, issued.expires_at)


def activate(
    code: str,
    label: str,
    presented: Presented,
    *,
    address: str,
    config: Config,
    now: dt.datetime,
    ids: Callable[[], str],
) -> Activated:
    """Activate a phone by its code, which is then used up.

    Raises:
        TooManyRequests: too many wrong codes from this address.
        Unauthorised: unknown, used, voided or expired: the answer does not say which.
        ProofNeeded: its proof of a key is no good, or the study asks for one; the code stays good.
    """
    key = key_of(presented, config=config, now=now)
    network = network_of(address)
    take_attempt(ADDRESS_LIMIT, network, config=config, now=now)
    # A code is on paper for days: one made before the key changed is good after it.
    digests = keyed_hashes(config, _PURPOSE, _plain(code))
    device_id, entry_id = ids(), ids()
    record, tokens = open_session(
        config=config, now=now, ids=ids, device_id=device_id, key_thumbprint=key
    )

    def story(session: ClientSession) -> Subject:
        taken = (take_code(digest, now=now, session=session) for digest in digests)
        found = next((code for code in taken if code is not None), None)
        subject = find_subject(found.subject_id, session=session) if found else None
        if found is None or subject is None:
            raise Unauthorised
        device = DeviceRecord(
            device_id, found.subject_id, found.site, now, label, key_thumbprint=key
        )
        insert_device(device, session=session)
        insert_session(record, session=session)
        name = f"device/{device_id}"
        entry = _entry(entry_id, now, name, "device:activate", name, found)
        append(replace(entry, details={"bound": device.bound}), session=session)
        return subject

    subject = transaction(story)
    return_attempt(ADDRESS_LIMIT, network, config=config, now=now)
    return Activated(device_id, subject.id, subject.language, subject.zone, tokens)


def _plain(code: str) -> str:
    # Crockford: O is read as 0, I and L as 1; dashes and blanks are for the eye.
    letters = code.upper().replace("-", "").replace(" ", "")
    return letters.replace("O", "0").replace("I", "1").replace("L", "1")


def _entry(
    entry_id: str, now: dt.datetime, actor_id: str, action: str, target: str, code: ActivationCode
) -> AuditEntry:
    return AuditEntry(
        entry_id, now, actor_id, action, target, site=code.site, subject_id=code.subject_id
    )
