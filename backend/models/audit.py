"""The audit trail: append-only entries, written in the same transaction as what they tell of."""

import datetime as dt
import heapq
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from mongoengine import DictField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which thing, when (UTC), and what changed; no health data in `details`."""

    id: str
    at: dt.datetime
    actor_id: str
    action: str
    target: str
    site: str | None = None
    subject_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


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

    meta = {
        "collection": "audit",
        "indexes": [
            {"name": "audit_time", "fields": ["-at", "-id"]},
            {"name": "audit_site", "fields": ["site", "-at", "-id"]},
            {"name": "audit_target", "fields": ["target", "-at"]},
            {"name": "audit_subject", "fields": ["subject_id", "-at", "-id"]},
            {"name": "audit_actor", "fields": ["actor_id", "-at", "-id"]},
            {"name": "audit_action", "fields": ["action", "-at", "-id"]},
        ],
    }


def append(entry: AuditEntry, *, session: ClientSession | None = None) -> None:
    """Write one entry."""
    insert(AuditDocument, entry, session=session)


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
