"""How a subject is reached: for who treats them alone, sealed, and in no listing, export or message."""

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from pymongo.client_session import ClientSession

from backend.access import Action, Actor
from backend.db import transaction
from backend.errors import Conflict, NotFound, StaleRevision
from backend.models import private_text as texts
from backend.models.audit import AuditEntry, append
from backend.models.lock import lock_subject
from backend.services.subject import subject_for
from backend.vault import SealedForGoodError

_SHREDDED = "This subject was shredded: nothing personal is recorded any more."


@dataclass(frozen=True, slots=True)
class ContactPerson:
    """Whom to call: the subject or somebody near; `phones` in the order in which to try them."""

    name: str = field(repr=False)
    phones: tuple[str, ...] = field(repr=False)
    best_time: str | None = field(default=None, repr=False)
    note: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """Contact data as stored; `person` None: it was shredded."""

    person: ContactPerson | None
    rev: int
    written_at: dt.datetime


def read_contact(subject_id: str, *, actor: Actor) -> Contact:
    """Give a subject's contact data.

    Raises:
        NotFound, Forbidden: not for this actor, or none is recorded.
    """
    subject = subject_for(subject_id, actor, Action.CONTACT_READ)
    text = texts.find_text(texts.contact_of(subject.id))
    if text is None:
        raise NotFound
    opened = texts.opened(text)
    person = None
    if opened is not None:
        person = ContactPerson(**{**opened, "phones": tuple(opened["phones"])})
    return Contact(person, text.rev, text.written_at)


def put_contact(
    subject_id: str,
    person: ContactPerson,
    rev: int | None,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> Contact:
    """Record or replace a subject's contact data; `rev` is that of the version read, None: the first.

    Raises:
        NotFound, Forbidden: not for this actor.
        Conflict: the subject was shredded.
        StaleRevision: somebody was quicker.
    """
    subject = subject_for(subject_id, actor, Action.CONTACT_UPDATE)
    value = {name: given for name, given in asdict(person).items() if given is not None}
    following = 0 if rev is None else rev + 1
    try:
        text = texts.sealed_text(
            texts.contact_of(subject.id), subject.id, value, now=now, rev=following
        )
    except SealedForGoodError as error:
        raise Conflict(_SHREDDED) from error

    def story(session: ClientSession) -> None:
        lock_subject(subject.id, session=session)
        if texts.is_shredded(subject.id, session=session):
            raise Conflict(_SHREDDED)
        if not texts.put_text(text, session=session):
            raise StaleRevision
        entry = AuditEntry(
            id=ids(),
            at=now,
            actor_id=actor.id,
            action="contact:update",
            target=f"contact/{subject.id}",
            site=subject.site,
            subject_id=subject.id,
            # That it changed: what it is and was is sealed, and must be forgettable.
            details={"rev": following},
        )
        append(entry, session=session)

    transaction(story)
    return Contact(person, following, now)
