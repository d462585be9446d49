"""The audit trail: append-only, chained entries, written in the transaction of what they tell of."""

import datetime as dt
import heapq
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from mongoengine import DictField, IntField, StringField
from pymongo.client_session import ClientSession

from backend.db import transaction
from backend.models import audit_chain
from backend.models.base import StoredDocument, checked, from_bson, to_bson
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame
from backend.origin import Origin, origin


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which thing, when (UTC), why, from where, and what changed.

    No health data in `details`. `changes` has old and new value by name: it may hold health data, and
    is shown to those alone who may read them. `origin` None: from where it is written. `seq` (from 1)
    is its place in the chain of its `stream`; `previous` and `sha256` are set as it is written.
    """

    id: str
    at: dt.datetime
    actor_id: str
    action: str
    target: str
    site: str | None = None
    subject_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    origin: Origin | None = None
    stream: str | None = None
    seq: int | None = None
    previous: str | None = None
    sha256: str | None = None


class AuditDocument(StoredDocument):
    """Stored form of `AuditEntry`."""

    id = StringField(primary_key=True)
    at = UtcDateTimeField(required=True)
    actor_id = StringField(required=True)
    action = StringField(required=True)
    target = StringField(required=True)
    site = StringField()
    subject_id = StringField()
    details = DictField()
    reason = StringField()
    changes = DictField()
    origin = DictField()
    stream = StringField()
    seq = IntField()
    previous = StringField()
    sha256 = StringField()

    meta = {
        "collection": "audit",
        "indexes": [
            # Not unique: two of one place are a fault that `flask audit verify` must be able to see.
            {"name": "audit_chain", "fields": ["stream", "seq"]},
            {"name": "audit_time", "fields": ["-at", "-id"]},
            {"name": "audit_site", "fields": ["site", "-at", "-id"]},
            {"name": "audit_target", "fields": ["target", "-at"]},
            {"name": "audit_subject", "fields": ["subject_id", "-at", "-id"]},
            {"name": "audit_actor", "fields": ["actor_id", "-at", "-id"]},
            {"name": "audit_action", "fields": ["action", "-at", "-id"]},
        ],
    }


def append(entry: AuditEntry, *, session: ClientSession | None = None) -> None:
    """Write one entry at the end of its stream's chain.

    Two that append to one stream at once conflict: the later transaction is told again.
    """
    if session is None:
        transaction(lambda own: append(entry, session=own))
        return
    stream = entry.stream or stream_of(entry)
    head = audit_chain.find_head(stream, session=session)
    placed = replace(
        entry,
        origin=entry.origin or origin(),
        stream=stream,
        seq=head.seq + 1,
        previous=head.sha256,
    )
    stored = _without_empty(checked(AuditDocument, placed))
    stored["sha256"] = audit_chain.digest(stored)
    AuditDocument._get_collection().insert_one(stored, session=session)  # noqa: SLF001
    audit_chain.keep_head(
        audit_chain.Head(stream, head.seq + 1, stored["sha256"], entry.at), session=session
    )


def stream_of(entry: AuditEntry) -> str:
    """Name the chain of an entry: the subject's that it is about, else that of who acts.

    One chain for all would let every two diaries of the trial wait for each other.
    """
    return f"subject/{entry.subject_id}" if entry.subject_id else f"actor/{entry.actor_id}"


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give what differs, by name, as `{"old": …, "new": …}`; None: there was or is nothing."""
    return {
        name: {"old": before.get(name), "new": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def told(record: object, *names: str) -> dict[str, Any]:
    """Give some fields of a record as stored, for `changed`."""
    stored = to_bson(record)
    return {name: stored[name] for name in names if stored.get(name) is not None}


def _without_empty(stored: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing: most entries have no changes."""
    kept = {name: value for name, value in stored.items() if value != {} or name == "details"}
    kept["origin"] = {name: value for name, value in stored["origin"].items() if value is not None}
    return kept


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """Which entries are looked for; None leaves a part open. `since` and `until` are moments in UTC."""

    action: str | None = None
    actor_id: str | None = None
    subject_id: str | None = None
    target: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def query(self) -> dict[str, Any]:
        """Give the equalities of the search; the times are `span`."""
        named = ("action", "actor_id", "subject_id", "target")
        return {name: getattr(self, name) for name in named if getattr(self, name) is not None}

    def span(self) -> dict[str, dt.datetime]:
        """Give the range of time: from `since` to before `until`."""
        found = {"$gte": self.since, "$lt": self.until}
        return {word: at for word, at in found.items() if at is not None}


EVERYTHING = AuditSearch()


def latest(
    limit: int,
    *,
    sites: Collection[str] | None,
    before: tuple[dt.datetime, str] | None = None,
    search: AuditSearch = EVERYTHING,
) -> tuple[AuditEntry, ...]:
    """Give the newest entries of `sites` (None: all), a page at a time before `(at, id)`.

    The order is by time and then by id: of many entries in one millisecond each comes once.
    """
    asked = search.query()
    streams = [asked] if sites is None else [{**asked, "site": site} for site in sorted(sites)]
    newest_first = heapq.merge(
        *(_stream(stream, limit, before, search.span()) for stream in streams),
        key=lambda entry: (entry.at, entry.id),
        reverse=True,
    )
    return tuple(islice(newest_first, limit))


def stream_entries(
    frame: Frame,
    sites: Collection[str] | None,
    *,
    after: tuple[dt.datetime, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Give stored entries of `sites` (None: all, and those of no site) by time and id, oldest first.

    The order is that of the index `audit_time`, read backwards; rows up to the mark are passed by.
    """
    query: dict[str, Any] = {} if after is None else {"at": {"$gte": after[0]}}
    found = frame.collection(AuditDocument).find(query).sort([("at", 1), ("_id", 1)])
    for stored in found:
        seen = sites is None or stored.get("site") in sites
        if seen and (after is None or (stored["at"], stored["_id"]) > after):
            yield stored


def chained() -> Iterator[dict[str, Any]]:
    """Give every stored entry by stream and place, as it is stored; those without a chain first."""
    found = AuditDocument._get_collection().find()  # noqa: SLF001
    yield from found.sort([("stream", 1), ("seq", 1)])


def _stream(
    query: dict[str, Any],
    limit: int,
    before: tuple[dt.datetime, str] | None,
    span: Mapping[str, dt.datetime],
) -> Iterator[AuditEntry]:
    # One site at a time, and the rest of the cursor's millisecond before what is older: each is an
    # equality and one range over an index, where `$in` or `$or` would read the whole trail on a
    # server that does not merge index scans (docs/database.md).
    if before is None:
        yield from _newest({**query, "at": dict(span)} if span else query, limit)
        return
    at, after_id = before
    same = list(_newest({**query, "at": at, "_id": {"$lt": after_id}}, limit))
    yield from same
    if len(same) < limit:
        # The cursor's own time is within the span, so only its beginning still matters.
        older = {**span, "$lt": at}
        yield from _newest({**query, "at": older}, limit - len(same))


def _newest(query: dict[str, Any], limit: int) -> Iterator[AuditEntry]:
    found = AuditDocument._get_collection().find(query)  # noqa: SLF001
    for stored in found.sort([("at", -1), ("_id", -1)]).limit(limit):
        yield from_bson(AuditEntry, stored)
