"""Forget who a subject is: destroy their key, and keep what the trial must keep.

GDPR article 17(3)(c) and (d) leave clinical data under a number in place (ICH E6(R3), 21 CFR 312.62 ask
for it); contact data, free text and photos have no such ground once the subject or the site asks.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend.db import transaction
from backend.errors import Conflict, NotFound
from backend.models import photo as photos
from backend.models import private_text as texts
from backend.models.audit import AuditEntry, append
from backend.models.lock import lock_subject
from backend.models.private_text import ShreddedSubject, key_name
from backend.models.subject import find_subject
from backend.services.kept import MACHINE
from backend.vault import vault


@dataclass(frozen=True, slots=True)
class Gone:
    """How many sealed things of a subject are gone."""

    texts: int
    photos: int


@dataclass(frozen=True, slots=True)
class Again:
    """How many subjects of a list were shredded now; `absent` are not in this database at all."""

    shredded: int
    absent: tuple[str, ...]


def shred_subject(
    subject_id: str, reason: str, *, now: dt.datetime, ids: Callable[[], str]
) -> Gone:
    """Destroy a subject's key and what it sealed; give how much is gone.

    Written down first: a crash between the two is made good by `reapply`, which `migrate` runs.

    Raises:
        NotFound: there is no such subject.
        Conflict: it is shredded already.
    """
    subject = find_subject(subject_id)
    if subject is None:
        raise NotFound

    record = ShreddedSubject(subject_id, now, MACHINE, reason)
    if not _written_down(record, subject.site, now=now, ids=ids):
        message = "This subject is shredded already."
        raise Conflict(message)
    return _destroy(subject_id)


def shred_again(
    known: Iterable[ShreddedSubject], *, now: dt.datetime, ids: Callable[[], str]
) -> Again:
    """Shred those of a list that was kept apart, after a restore from a backup older than they.

    The trail has an entry for each that this database did not know of; safe to repeat.
    """
    shredded, absent = 0, []
    for record in known:
        subject = find_subject(record.id)
        if subject is None:
            absent.append(record.id)
            continue
        shredded += _written_down(record, subject.site, now=now, ids=ids)
        _destroy(record.id)
    return Again(shredded, tuple(absent))


def reapply() -> int:
    """Destroy again the keys of all shredded subjects: a restored backup may hold them still.

    Give how many keys were there.
    """
    return sum(vault().destroy_key(key_name(each.id)) for each in texts.shredded_subjects())


def _written_down(
    record: ShreddedSubject, site: str, *, now: dt.datetime, ids: Callable[[], str]
) -> bool:
    """Write down that a subject is shredded; False: it stands there already."""

    def story(session: ClientSession) -> bool:
        lock_subject(record.id, session=session)
        if texts.is_shredded(record.id, session=session):
            return False
        texts.insert_shredded(record, session=session)
        entry = AuditEntry(
            id=ids(),
            at=now,
            actor_id=MACHINE,
            action="subject:shred",
            target=f"subject/{record.id}",
            site=site,
            subject_id=record.id,
            details={} if record.at == now else {"first": record.at.isoformat()},
            reason=record.reason,
        )
        append(entry, session=session)
        return True

    return transaction(story)


def _destroy(subject_id: str) -> Gone:
    vault().destroy_key(key_name(subject_id))
    return Gone(texts.remove_texts(subject_id), photos.remove_images(subject_id))
