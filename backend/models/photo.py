"""Photos from patients' phones: what is known of each, and apart from it the stripped picture."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from mongoengine import BinaryField, IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField

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
    """The picture of the photo that has the same id: a JPEG without metadata."""

    id: str
    data: bytes = field(repr=False)


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
    data = BinaryField(required=True)

    meta = {"collection": "photo_images", "indexes": []}


def insert_photo(photo: PhotoRecord, image: PhotoImage, *, session: ClientSession) -> None:
    """Store one photo with its picture."""
    insert(PhotoDocument, photo, session=session)
    insert(PhotoImageDocument, image, session=session)


def find_photo(photo_id: str, *, session: ClientSession | None = None) -> PhotoRecord | None:
    """Give what is known of one photo."""
    stored = _collection().find_one({"_id": photo_id}, session=session)
    return None if stored is None else from_bson(PhotoRecord, stored)


def image_of(photo_id: str) -> bytes | None:
    """Give the picture of a photo; None: it was kept for as long as the study says."""
    stored = PhotoImageDocument._get_collection().find_one({"_id": photo_id})  # noqa: SLF001
    return None if stored is None else bytes(stored["data"])


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


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return PhotoDocument._get_collection()  # noqa: SLF001
