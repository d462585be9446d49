"""Forget who a subject is: destroy their key, and keep what the trial must keep.

GDPR article 17(3)(c) and (d) leave clinical data under a number in place (ICH E6(R3), 21 CFR 312.62 ask
for it); contact data, free text and photos have no such ground once the subject or the site asks.
"""

import datetime as dt
from collections.abc import Callable
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

    def story(session: ClientSession) -> None:
        lock_subject(subject_id, session=session)
        if texts.is_shredded(subject_id, session=session):
            message = "This subject is shredded already."
            raise Conflict(message)
        record = ShreddedSubject(subject_id, now, MACHINE, reason)
        texts.insert_shredded(record, session=session)
        entry = AuditEntry(
            id=ids(),
            at=now,
            actor_id=MACHINE,
            action="subject:shred",
            target=f"subject/{subject_id}",
            site=subject.site,
            subject_id=subject_id,
            reason=reason,
        )
        append(entry, session=session)

    transaction(story)
    return _destroy(subject_id)


def reapply() -> int:
    """Destroy again the keys of all shredded subjects: a restored backup may hold them still.

    Give how many keys were there.
    """
    return sum(vault().destroy_key(key_name(each)) for each in texts.shredded_subjects())


def _destroy(subject_id: str) -> Gone:
    vault().destroy_key(key_name(subject_id))
    return Gone(texts.remove_texts(subject_id), photos.remove_images(subject_id))
