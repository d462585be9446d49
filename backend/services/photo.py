"""Photos of hands, feet or rash: a phone sends them beside its diary, those who treat look at them."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.db import transaction
from backend.errors import Conflict, Forbidden, NotFound
from backend.models import photo as photos
from backend.models.audit import AuditEntry, append
from backend.models.lock import lock_subject
from backend.models.photo import PhotoRecord
from backend.models.private_text import is_shredded
from backend.models.subject import Subject
from backend.services.image import CleanImage, clean_image
from backend.services.paging import Page, read_cursor, write_cursor
from backend.services.subject import subject_for
from backend.vault import SealedForGoodError

MOST_PHOTOS = 6
_SHREDDED = "This subject was shredded: no photo is taken any more."


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A photo as the phone sent it; `submission_id` is its diary's, which may come later."""

    photo_id: str
    submission_id: str
    kind: str
    taken_at: dt.datetime | None
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What is stored; `repeated`: it had come before and nothing was changed."""

    photo: PhotoRecord
    repeated: bool


def take_photo(new: NewPhoto, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]) -> Taken:
    """Take one photo of the actor's own: stripped, and stored together with its audit entry.

    A repeat gets the first receipt and changes nothing.

    Raises:
        Forbidden: the actor is no patient.
        NotFound: the subject is not there.
        InvalidInput: this is no picture that can be read.
        Conflict: the id was used for another photo, the diary has as many as it may have, or the
            subject was shredded.
    """
    if actor.subject_id is None:
        raise Forbidden
    subject = subject_for(actor.subject_id, actor, Action.PHOTO_SUBMIT)
    digest = hashlib.sha256(new.data).hexdigest()
    # A phone that lost the receipt is answered without the work of decoding.
    first = _find_first(new, digest, subject)
    if first is not None:
        return Taken(first, repeated=True)
    image = clean_image(new.data)
    photo = _record(new, digest, image, subject=subject, actor=actor, now=now)
    try:
        sealed = photos.sealed_image(photo.id, subject.id, image.data)
    except SealedForGoodError as error:
        raise Conflict(_SHREDDED) from error

    def story(session: ClientSession) -> Taken:
        lock_subject(subject.id, session=session)
        first = _find_first(new, digest, subject, session=session)
        if first is not None:
            return Taken(first, repeated=True)
        if is_shredded(subject.id, session=session):
            raise Conflict(_SHREDDED)
        there = photos.count_of_submission(subject.id, new.submission_id, session=session)
        if there >= MOST_PHOTOS:
            message = f"This diary has {MOST_PHOTOS} photos already."
            raise Conflict(message)
        photos.insert_photo(photo, sealed, session=session)
        entry = _entry(photo, "photo:record", actor=actor, now=now, ids=ids)
        append(entry, session=session)
        return Taken(photo, repeated=False)

    return transaction(story)


def list_photos(
    subject_id: str, *, actor: Actor, submission_id: str | None, limit: int, cursor: str | None
) -> Page[PhotoRecord]:
    """Give what is known of a subject's photos (of one diary), the newest first.

    Raises:
        NotFound, Forbidden: not for this actor.
    """
    subject = subject_for(subject_id, actor, Action.PHOTO_READ)
    after = read_cursor(cursor, (dt.datetime, str))
    before = None if after is None else (after[0], after[1])
    rows = photos.page(subject.id, limit + 1, submission_id=submission_id, before=before)
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(rows[:limit], write_cursor((last.received_at, last.id)) if last else None)


def look_at_photo(
    photo_id: str, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> bytes:
    """Give one photo as JPEG; who looked goes to the audit trail first.

    Raises:
        NotFound: there is none (any more), or not for this actor.
    """
    photo = photos.find_photo(photo_id)
    if photo is None or not access.may(
        actor, Action.PHOTO_READ, site=photo.site, subject_id=photo.subject_id
    ):
        raise NotFound
    picture = photos.image_of(photo.id)
    if picture is None:
        raise NotFound
    append(_entry(photo, "photo:read", actor=actor, now=now, ids=ids))
    return picture


def _find_first(
    new: NewPhoto, digest: str, subject: Subject, *, session: ClientSession | None = None
) -> PhotoRecord | None:
    first = photos.find_photo(new.photo_id, session=session)
    if first is None:
        return None
    sent = (subject.id, new.submission_id, new.kind, new.taken_at, digest)
    known = (
        first.subject_id,
        first.submission_id,
        first.kind,
        first.taken_at,
        first.received_sha256,
    )
    if sent != known:
        message = "This photo_id was used for another photo."
        raise Conflict(message)
    return first


def _record(
    new: NewPhoto,
    digest: str,
    image: CleanImage,
    *,
    subject: Subject,
    actor: Actor,
    now: dt.datetime,
) -> PhotoRecord:
    return PhotoRecord(
        id=new.photo_id,
        submission_id=new.submission_id,
        subject_id=subject.id,
        site=subject.site,
        kind=new.kind,
        received_at=now,
        sent_by=actor.id,
        received_sha256=digest,
        stored_sha256=hashlib.sha256(image.data).hexdigest(),
        width=image.width,
        height=image.height,
        size=len(image.data),
        taken_at=new.taken_at,
    )


def _entry(
    photo: PhotoRecord, action: str, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> AuditEntry:
    return AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action=action,
        target=f"photo/{photo.id}",
        site=photo.site,
        subject_id=photo.subject_id,
        details={"submission_id": photo.submission_id, "stored_sha256": photo.stored_sha256},
    )
