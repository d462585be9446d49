"""Diaries as received: the raw payload, what was read from it, and the receipt that was given."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mongoengine import BooleanField, DictField, IntField, ListField, StringField
from pymongo.client_session import ClientSession

from backend.clinical.bodymap import BodyMark
from backend.clinical.facts import LabValue
from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame, stream, whose

Answer = bool | Decimal | str


@dataclass(frozen=True, slots=True)
class DiaryRecord:
    """One version of one day's diary.

    `day` is the calendar day in the patient's zone; `reported_at` is the device's clock,
    `received_at` ours. `answers` are facts by name in their canonical unit, `scores` are
    0 to 4 by `<symptom>_<attribute>`. `marks` say what is unusual about the entry; `body_map` is
    what was drawn on the body. `private`: where the patient's own words are sealed, and what of the
    payload was left out for it (None: there are none).
    """

    id: str
    submission_id: str
    subject_id: str
    site: str
    day: dt.date
    version: int
    reported_at: dt.datetime
    device_zone: str
    device_offset_minutes: int
    received_at: dt.datetime
    entered_by: str
    marks: tuple[str, ...]
    answers: Mapping[str, Answer]
    scores: Mapping[str, int]
    labs: Mapping[str, LabValue]
    free_text: str | None
    unread_fields: tuple[str, ...]
    payload: str
    payload_sha256: str
    next_step: str
    questions: tuple[str, ...]
    amends: str | None = None
    amendment_reason: str | None = None
    superseded: bool = False
    body_map: tuple[BodyMark, ...] = ()
    private: str | None = None


class DiaryDocument(StoredDocument):
    """Stored form of `DiaryRecord`."""

    id = StringField(primary_key=True)
    submission_id = StringField(required=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    day = StringField(required=True)
    version = IntField(required=True, min_value=1)
    reported_at = UtcDateTimeField(required=True)
    device_zone = StringField(required=True)
    device_offset_minutes = IntField(required=True)
    received_at = UtcDateTimeField(required=True)
    entered_by = StringField(required=True)
    marks = ListField(StringField())
    answers = DictField()
    scores = DictField()
    labs = DictField()
    free_text = StringField()
    private = StringField()
    unread_fields = ListField(StringField())
    payload = StringField(required=True)
    payload_sha256 = StringField(required=True)
    next_step = StringField(required=True)
    questions = ListField(StringField())
    amends = StringField()
    amendment_reason = StringField()
    superseded = BooleanField(required=True)
    body_map = ListField(DictField())

    meta = {
        "collection": "diaries",
        "indexes": [
            # The phone's id is unique per subject, so that one phone cannot take another's.
            {
                "name": "diary_submission",
                "fields": ["subject_id", "submission_id"],
                "unique": True,
            },
            {"name": "diary_day", "fields": ["subject_id", "-day", "-version"]},
        ],
    }


def insert_diary(diary: DiaryRecord, *, session: ClientSession) -> None:
    """Store one diary.

    Raises:
        pymongo.errors.DuplicateKeyError: this submission is stored already.
    """
    insert(DiaryDocument, diary, session=session)


def find_submission(
    subject_id: str, submission_id: str, *, session: ClientSession | None = None
) -> DiaryRecord | None:
    """Give the diary that a phone's submission became, if it came before."""
    return _one({"subject_id": subject_id, "submission_id": submission_id}, session)


def find_diary(diary_id: str, *, session: ClientSession | None = None) -> DiaryRecord | None:
    """Give one diary by its own id."""
    return _one({"_id": diary_id}, session)


def supersede(diary_ids: Collection[str], *, session: ClientSession) -> None:
    """Mark diaries as replaced by a later version; their content stays."""
    query = {"_id": {"$in": sorted(diary_ids)}}
    _collection().update_many(query, {"$set": {"superseded": True}}, session=session)


def days_before(
    subject_id: str, day: dt.date, limit: int, *, session: ClientSession | None = None
) -> tuple[DiaryRecord, ...]:
    """Give the newest versions of the `limit` diaries before `day`, newest first."""
    found = (
        _collection()
        .find({"subject_id": subject_id, "day": {"$lt": day.isoformat()}}, session=session)
        .sort([("day", -1), ("version", -1)])
        .limit(limit * 2)
    )
    current = (from_bson(DiaryRecord, stored) for stored in found)
    return tuple(diary for diary in current if not diary.superseded)[:limit]


def current_diaries(subject_id: str) -> frozenset[str]:
    """Give the ids of a subject's diaries that no later version has replaced."""
    found = _collection().find({"subject_id": subject_id}, {"superseded": 1})
    return frozenset(str(stored["_id"]) for stored in found if not stored.get("superseded"))


def newest_diary(subject_id: str, *, session: ClientSession | None = None) -> DiaryRecord | None:
    """Give the diary of the last day about which something was said."""
    found = _collection().find({"subject_id": subject_id}, session=session)
    stored = next(iter(found.sort([("day", -1), ("version", -1)]).limit(1)), None)
    return None if stored is None else from_bson(DiaryRecord, stored)


def versions_of_day(
    subject_id: str, day: dt.date, *, session: ClientSession | None = None
) -> tuple[DiaryRecord, ...]:
    """Give every diary of one day, newest version first."""
    found = (
        _collection()
        .find({"subject_id": subject_id, "day": day.isoformat()}, session=session)
        .sort([("day", -1), ("version", -1)])
    )
    return tuple(from_bson(DiaryRecord, stored) for stored in found)


def stream_diaries(
    frame: Frame,
    sites: Collection[str] | None,
    *,
    since: str | None = None,
    subject: str | None = None,
    fields: tuple[str, ...] | None = None,
) -> Iterator[dict[str, Any]]:
    """Give stored diaries of `sites` (None: all) by subject, the newest day first, without payload.

    The days run backwards as in the index; replaced versions are among them (`superseded`).
    `fields` beside subject, site, day and version; None: all.
    """
    query = whose(subject, since)
    wanted = {"payload": 0} if fields is None else ("subject_id", "site", "day", "version", *fields)
    order = (("subject_id", 1), ("day", -1), ("version", -1))
    return stream(frame, DiaryDocument, order, sites=sites, query=query, fields=wanted)


def page(
    subject_id: str, limit: int, *, before: tuple[str, int] | None = None
) -> tuple[DiaryRecord, ...]:
    """Give a subject's diaries, newest day first, after the cursor `(day, version)`."""
    query: dict[str, Any] = {"subject_id": subject_id}
    if before is not None:
        query["day"] = {"$lte": before[0]}
    found: Iterator[dict[str, Any]] = _collection().find(query).sort([("day", -1), ("version", -1)])
    rows: list[DiaryRecord] = []
    for stored in found:
        if before is not None and (stored["day"], stored["version"]) >= before:
            continue
        rows.append(from_bson(DiaryRecord, stored))
        if len(rows) == limit:
            break
    return tuple(rows)


def _one(query: dict[str, Any], session: ClientSession | None) -> DiaryRecord | None:
    stored = _collection().find_one(query, session=session)
    return None if stored is None else from_bson(DiaryRecord, stored)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return DiaryDocument._get_collection()  # noqa: SLF001
