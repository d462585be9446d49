"""Electronic signatures (21 CFR 11.50, 11.70, 11.200): re-authentication, a meaning, one version.

A signature is bound to the version that was read and to its digest: whatever changes afterwards, by a
person or by the rules, leaves it as the signature of an earlier version.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor, Role
from backend.config import Config
from backend.db import transaction
from backend.errors import (
    Conflict,
    Forbidden,
    NotFound,
    StaleRevision,
)
from backend.models import signature as signatures
from backend.models.audit import AuditEntry, append
from backend.models.data_cut import COMPLETE
from backend.models.signature import DATA_CUT, SignatureRecord, SignedVersion
from backend.models.staff import StaffRecord
from backend.services.account import check_own
from backend.services.second_factor import Asking

# What a signature can say, in the words that are shown beside it.
MEANINGS = {
    "author": "I made this judgement and answer for it",
    "review": "I have reviewed this version",
    "approval": "I approve this version",
}
KINDS = (signatures.ADVERSE_EVENT, signatures.SUBJECT, DATA_CUT)


@dataclass(frozen=True, slots=True)
class NewSignature:
    """What is signed: version `rev` of one thing; `password` is the signer's, typed for this signature."""

    kind: str
    target_id: str
    rev: int
    meaning: str
    password: str = field(repr=False)
    address: str
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature and whether the thing is still what was signed."""

    signature: SignatureRecord
    valid: bool


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs, with which settings, and when."""

    actor: Actor
    config: Config
    now: dt.datetime
    ids: Callable[[], str]


def sign(new: NewSignature, signing: Signing) -> Signed:
    """Sign one version of one thing; the password is asked for each time.

    Raises:
        NotFound: there is no such thing, or it is of another site.
        Forbidden: the role may not sign it.
        TooManyRequests: too many wrong passwords.
        InvalidInput: the password, or the code beside it, is not right.
        StaleRevision: it is not the version that was read any more.
        Conflict: a data cut that is not complete, or signed by the same person with this meaning already.
    """
    actor, now, ids = signing.actor, signing.now, signing.ids
    version = _version(new.kind, new.target_id, actor)
    role = _role(new.kind, version, actor)
    signer = _signer(new, signing)

    def story(session: ClientSession) -> SignatureRecord:
        present = signatures.version_of(new.kind, new.target_id, session=session)
        if present is None or present.rev != new.rev:
            raise StaleRevision
        if new.kind == DATA_CUT and present.state != COMPLETE:
            message = "A data cut is signed when it is complete."
            raise Conflict(message)
        made = SignatureRecord(
            id=ids(),
            kind=new.kind,
            target_id=new.target_id,
            rev=present.rev,
            content_sha256=present.sha256,
            meaning=new.meaning,
            signed_by=signer.id,
            name=signer.name,
            signed_as=role,
            at=now,
            site=present.site,
            subject_id=present.subject_id,
        )
        _refuse_twice(made, session)
        signatures.insert_signature(made, session=session)
        append(_entry(made, ids()), session=session)
        return made

    return Signed(transaction(story), valid=True)


def list_signatures(kind: str, target_id: str, *, actor: Actor) -> tuple[Signed, ...]:
    """Give the signatures of one thing, the oldest first, each with whether it still holds.

    Raises:
        NotFound: there is no such thing, or it is of another site.
    """
    present = _version(kind, target_id, actor)
    return tuple(
        Signed(one, (one.rev, one.content_sha256) == (present.rev, present.sha256))
        for one in signatures.signatures_of(kind, target_id)
    )


def _version(kind: str, target_id: str, actor: Actor) -> SignedVersion:
    present = signatures.version_of(kind, target_id)
    if present is None or not access.may(actor, Action.SIGNATURE_READ, site=present.site):
        raise NotFound
    return present


def _role(kind: str, version: SignedVersion, actor: Actor) -> str:
    """Give the role in which somebody signs."""
    action = Action.DATA_CUT_SIGN if kind == DATA_CUT else Action.SIGNATURE_MAKE
    if not access.may(actor, action, site=version.site or ""):
        raise Forbidden
    held = [
        grant.role
        for grant in actor.grants
        if grant.role in access.PERMISSIONS[action] and grant.site in (None, version.site)
    ]
    return Role.SAFETY_REVIEWER if Role.SAFETY_REVIEWER in held else held[0]


def _signer(new: NewSignature, signing: Signing) -> StaffRecord:
    asking = Asking(signing.config, signing.now, signing.ids)
    return check_own(new.password, new.code, new.address, actor=signing.actor, asking=asking)


def _refuse_twice(new: SignatureRecord, session: ClientSession) -> None:
    for one in signatures.signatures_of(new.kind, new.target_id, session=session):
        if (one.rev, one.content_sha256, one.signed_by, one.meaning) == (
            new.rev,
            new.content_sha256,
            new.signed_by,
            new.meaning,
        ):
            message = "You have signed this version with this meaning already."
            raise Conflict(message)


def _entry(made: SignatureRecord, entry_id: str) -> AuditEntry:
    return AuditEntry(
        id=entry_id,
        at=made.at,
        actor_id=made.signed_by,
        action="signature:make",
        target=f"{made.kind}/{made.target_id}",
        site=made.site,
        subject_id=made.subject_id,
        details={
            "signature": made.id,
            "meaning": made.meaning,
            "rev": made.rev,
            "content_sha256": made.content_sha256,
            "signed_as": made.signed_as,
        },
    )
