"""Windows of expected diaries: one per subject and day, with every state and when it began."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from mongoengine import DictField, IntField, ListField, StringField
from pymongo.client_session import ClientSession

from backend.clinical.diaryplan import DUE, LATE, OPEN, REMINDED
from backend.models.base import StoredDocument, from_bson, insert, to_bson
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame, stream, whose


@dataclass(frozen=True, slots=True)
class WindowStep:
    """One state and when it began; `by` and `reason` where a person made it so."""

    at: dt.datetime
    state: str
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WindowRecord:
    """One expected diary. `zone` is the one under which it was opened: travel moves later ones only.

    `reminders` are planned when it opens; `remind_at` is the next one, None: none is to come.
    """

    id: str
    subject_id: str
    site: str
    day: dt.date
    zone: str
    phase: str
    asks: tuple[str, ...]
    opens_at: dt.datetime
    due_at: dt.datetime
    closes_at: dt.datetime
    state: str
    steps: tuple[WindowStep, ...]
    rev: int
    reminders: tuple[dt.datetime, ...] = ()
    reminded: int = 0
    remind_at: dt.datetime | None = None
    diary_id: str | None = None


class WindowDocument(StoredDocument):
    """Stored form of `WindowRecord`."""

    id = StringField(primary_key=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    day = StringField(required=True)
    zone = StringField(required=True)
    phase = StringField(required=True)
    asks = ListField(StringField())
    opens_at = UtcDateTimeField(required=True)
    due_at = UtcDateTimeField(required=True)
    closes_at = UtcDateTimeField(required=True)
    state = StringField(required=True)
    steps = ListField(DictField())
    rev = IntField(required=True)
    reminders = ListField(UtcDateTimeField())
    reminded = IntField(required=True)
    remind_at = UtcDateTimeField()
    diary_id = StringField()

    meta = {
        "collection": "windows",
        "indexes": [
            {"name": "window_day", "fields": ["subject_id", "day"], "unique": True},
            {"name": "window_state", "fields": ["state", "site", "subject_id"]},
            {"name": "window_reminder", "fields": ["remind_at"], "sparse": True},
        ],
    }


def insert_window(window: WindowRecord, *, session: ClientSession) -> None:
    """Store a new window.

    Raises:
        pymongo.errors.DuplicateKeyError: the subject has one of this day.
    """
    insert(WindowDocument, window, session=session)


def replace_window(window: WindowRecord, *, session: ClientSession) -> bool:
    """Store a changed window whose `rev` is one above the stored one; False when it has moved on."""
    stored = {name: value for name, value in to_bson(window).items() if value is not None}
    result = _collection().replace_one(
        {"_id": window.id, "rev": window.rev - 1}, stored, session=session
    )
    return bool(result.matched_count)


def find_window(
    subject_id: str, day: dt.date, *, session: ClientSession | None = None
) -> WindowRecord | None:
    """Give a subject's window of a day."""
    query = {"subject_id": subject_id, "day": day.isoformat()}
    stored = _collection().find_one(query, session=session)
    return None if stored is None else from_bson(WindowRecord, stored)


def window_by_id(window_id: str) -> WindowRecord | None:
    """Give one window."""
    stored = _collection().find_one({"_id": window_id})
    return None if stored is None else from_bson(WindowRecord, stored)


def windows_of(
    subject_id: str, *, session: ClientSession | None = None
) -> tuple[WindowRecord, ...]:
    """Give a subject's windows, the oldest day first."""
    found = _collection().find({"subject_id": subject_id}, session=session).sort("day", 1)
    return tuple(from_bson(WindowRecord, stored) for stored in found)


def open_windows_of(subject_id: str, *, session: ClientSession) -> tuple[WindowRecord, ...]:
    """Give a subject's windows whose diary may still come in time or late."""
    query = {"subject_id": subject_id, "state": {"$in": list(OPEN)}}
    found = _collection().find(query, session=session).sort("day", 1)
    return tuple(from_bson(WindowRecord, stored) for stored in found)


def is_followed(subject_id: str, now: dt.datetime) -> bool:
    """Tell whether nothing can have changed: today's window is open, none has been left behind.

    A question before the transaction, so that a clock does not lock every subject at every turn.
    """
    held = {"subject_id": subject_id, "opens_at": {"$lte": now}, "due_at": {"$gt": now}}
    if _collection().find_one(held, {"_id": 1}) is None:
        return False
    # Two questions: with an `$or` beside the subject one server reads everybody's windows.
    passed: tuple[dict[str, Any], ...] = (
        {"state": {"$in": [DUE, REMINDED]}, "due_at": {"$lte": now}},
        {"state": LATE, "closes_at": {"$lte": now}},
    )
    return all(
        _collection().find_one({"subject_id": subject_id, **left}, {"_id": 1}) is None
        for left in passed
    )


def newest_window(subject_id: str, *, session: ClientSession) -> WindowRecord | None:
    """Give a subject's window of the last day that has one."""
    found = _collection().find({"subject_id": subject_id}, session=session).sort("day", -1)
    stored = next(iter(found.limit(1)), None)
    return None if stored is None else from_bson(WindowRecord, stored)


def due_reminders(now: dt.datetime, limit: int) -> tuple[WindowRecord, ...]:
    """Give windows of which a reminder is due, the longest due first."""
    found = _collection().find({"remind_at": {"$lte": now}}).sort("remind_at", 1).limit(limit)
    return tuple(from_bson(WindowRecord, stored) for stored in found)


def subjects_with(states: Collection[str], sites: Collection[str] | None) -> tuple[str, ...]:
    """Give the subjects of some sites (None: all) who have a window in one of these states."""
    query: dict[str, Any] = {"state": {"$in": sorted(states)}}
    if sites is not None:
        query["site"] = {"$in": sorted(sites)}
    found = _collection().find(query, {"subject_id": 1})
    return tuple(sorted({str(stored["subject_id"]) for stored in found}))


def stream_windows(
    frame: Frame,
    sites: Collection[str] | None,
    *,
    since: str | None = None,
    subject: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Give stored windows of some sites (None: all), by subject and day, from a subject on."""
    query = whose(subject, since)
    return stream(
        frame,
        WindowDocument,
        (("subject_id", 1), ("day", 1)),
        sites=sites,
        fields=(
            *("subject_id", "site", "day", "phase", "state", "diary_id", "steps"),
            *("opens_at", "due_at", "closes_at"),
        ),
        query=query,
    )


def count_windows(
    frame: Frame, sites: Collection[str] | None, *, since: str | None = None
) -> Iterator[dict[str, Any]]:
    """Count the windows of some sites (None: all) by subject, phase and state, from a subject on.

    Each has `subject_id`, `site`, `phase`, `state`, `windows`, `first_day` and `last_day`; subjects
    come in their order. The database counts.
    """
    match: dict[str, Any] = {} if since is None else {"subject_id": {"$gte": since}}
    if sites is not None:
        match["site"] = {"$in": sorted(sites)}
    names = ("subject_id", "site", "phase", "state")
    group = {
        "_id": {name: f"${name}" for name in names},
        "windows": {"$sum": 1},
        "first_day": {"$min": "$day"},
        "last_day": {"$max": "$day"},
    }
    order = {"_id.subject_id": 1}
    stages = [{"$match": match}, {"$group": group}, {"$sort": order}]
    for counted in frame.collection(WindowDocument).aggregate(stages):
        yield {**counted.pop("_id"), **counted}


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return WindowDocument._get_collection()  # noqa: SLF001
