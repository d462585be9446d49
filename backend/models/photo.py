"""Photos from patients' phones: what is known of each, and apart from it the stripped picture."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from mongoengine import BinaryField, IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField
from backend.models.private_text import opened_value, sealed_value

# A cursor names a millisecond, and what came within it is told apart by id.
_TICK = dt.timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """One photo. `id` is the phone's own, `submission_id` that of its diary, come yet or not.

    `taken_at` is the phone's clock, `received_at` ours. `width`, `height` (pixels) and `size`
    (bytes) are of the picture as stored.
    """

    id: str
    submission_id: str
    subject_id: str
    site: str
    kind: str
    received_at: dt.datetime
    sent_by: str
    received_sha256: str
    stored_sha256: str
    width: int
    height: int
    size: int
    taken_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class PhotoImage:
    """The picture of the photo that has the same id: a JPEG without metadata, sealed."""

    id: str
    sealed: bytes = field(repr=False)


class PhotoDocument(StoredDocument):
    """Stored form of `PhotoRecord`."""

    id = StringField(primary_key=True)
    submission_id = StringField(required=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    kind = StringField(required=True)
    received_at = UtcDateTimeField(required=True)
    sent_by = StringField(required=True)
    received_sha256 = StringField(required=True)
    stored_sha256 = StringField(required=True)
    width = IntField(required=True, min_value=1)
    height = IntField(required=True, min_value=1)
    size = IntField(required=True, min_value=1)
    taken_at = UtcDateTimeField()

    meta = {
        "collection": "photos",
        "indexes": [
            {"name": "photo_received", "fields": ["subject_id", "-received_at"]},
            {"name": "photo_submission", "fields": ["subject_id", "submission_id"]},
        ],
    }


class PhotoImageDocument(StoredDocument):
    """Stored form of `PhotoImage`; apart, so that a list reads no pictures."""

    id = StringField(primary_key=True)
    sealed = BinaryField(required=True)

    meta = {"collection": "photo_images", "indexes": []}


def sealed_image(photo_id: str, subject_id: str, data: bytes) -> PhotoImage:
    """Seal a picture with its subject's key; called before a transaction.

    Raises:
        SealedForGoodError: the subject was shredded.
    """
    sealed = sealed_value(_of(photo_id), subject_id, {"data": data})
    return PhotoImage(photo_id, sealed)


def insert_photo(photo: PhotoRecord, image: PhotoImage, *, session: ClientSession) -> None:
    """Store one photo with its picture."""
    insert(PhotoDocument, photo, session=session)
    insert(PhotoImageDocument, image, session=session)


def find_photo(photo_id: str, *, session: ClientSession | None = None) -> PhotoRecord | None:
    """Give what is known of one photo."""
    stored = _collection().find_one({"_id": photo_id}, session=session)
    return None if stored is None else from_bson(PhotoRecord, stored)


def image_of(photo_id: str) -> bytes | None:
    """Give the picture of a photo; None: shredded, or kept for as long as the study says."""
    stored = _images().find_one({"_id": photo_id})
    if stored is None:
        return None
    if "sealed" not in stored:
        # Of an earlier release that still ran when `migrate` had sealed the others.
        return bytes(stored["data"])
    opened = opened_value(_of(photo_id), stored["sealed"])
    return None if opened is None else bytes(opened["data"])


def remove_images(subject_id: str) -> int:
    """Remove the pictures of a subject that nobody can open any more; give how many."""
    found = _collection().find({"subject_id": subject_id}, {"_id": 1})
    ids = [stored["_id"] for stored in found]
    return int(_images().delete_many({"_id": {"$in": ids}}).deleted_count)


def count_of_submission(subject_id: str, submission_id: str, *, session: ClientSession) -> int:
    """Count the photos that belong to one diary."""
    query = {"subject_id": subject_id, "submission_id": submission_id}
    return int(_collection().count_documents(query, session=session))


def page(
    subject_id: str,
    limit: int,
    *,
    submission_id: str | None = None,
    before: tuple[dt.datetime, str] | None = None,
) -> tuple[PhotoRecord, ...]:
    """Give a subject's photos (of one diary), the newest first, after the cursor `(received, id)`."""
    query: dict[str, Any] = {"subject_id": subject_id}
    if submission_id is not None:
        query["submission_id"] = submission_id
    if before is not None:
        query["received_at"] = {"$lt": before[0] + _TICK}
    rows: list[PhotoRecord] = []
    for stored in _collection().find(query).sort([("received_at", -1), ("_id", -1)]):
        if before is not None and (stored["received_at"], stored["_id"]) >= before:
            continue
        rows.append(from_bson(PhotoRecord, stored))
        if len(rows) == limit:
            break
    return tuple(rows)


def _of(photo_id: str) -> str:
    return f"photo/{photo_id}"


def _images() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return PhotoImageDocument._get_collection()  # noqa: SLF001


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return PhotoDocument._get_collection()  # noqa: SLF001
