"""The outbox: every push that is owed, written with its alert and settled by the clock process."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mongoengine import DictField, IntField, ListField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField

DUE, LEASED, ACCEPTED, DEAD, CANCELLED = "due", "leased", "accepted", "dead", "cancelled"
# Owed in a restored database, until a human lets it go.
HELD = "held"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One message owed to one recipient over one channel; `message` names a neutral text only."""

    id: str
    alert_id: str
    recipient_kind: str
    recipient_id: str
    channel: str
    message: Mapping[str, str]
    collapse_key: str
    state: str
    due_at: dt.datetime
    created_at: dt.datetime
    attempts: int = 0
    rev: int = 0
    lease_until: dt.datetime | None = None
    lease_owner: str | None = None
    last_detail: str | None = None
    settled_at: dt.datetime | None = None
    # The channels still to be tried when this one fails, in the site's order.
    then: tuple[str, ...] = ()
    # Confirmed by the recipient's own device.
    received_at: dt.datetime | None = None
    opened_at: dt.datetime | None = None


class OutboxDocument(StoredDocument):
    """Stored form of `OutboxEntry`."""

    id = StringField(primary_key=True)
    alert_id = StringField(required=True)
    recipient_kind = StringField(required=True)
    recipient_id = StringField(required=True)
    channel = StringField(required=True)
    message = DictField()
    collapse_key = StringField(required=True)
    state = StringField(required=True)
    due_at = UtcDateTimeField(required=True)
    created_at = UtcDateTimeField(required=True)
    attempts = IntField(required=True)
    rev = IntField(required=True)
    lease_until = UtcDateTimeField()
    lease_owner = StringField()
    last_detail = StringField()
    settled_at = UtcDateTimeField()
    then = ListField(StringField())
    received_at = UtcDateTimeField()
    opened_at = UtcDateTimeField()

    meta = {
        "collection": "outbox",
        "indexes": [
            {"name": "outbox_due", "fields": ["state", "due_at"]},
            {"name": "outbox_alert", "fields": ["alert_id"]},
            {"name": "outbox_recipient", "fields": ["recipient_id", "message.id"]},
        ],
    }


def insert_entry(entry: OutboxEntry, *, session: ClientSession) -> None:
    """Write one message that is owed."""
    insert(OutboxDocument, entry, session=session)


def watch_new(is_over: Callable[[], bool]) -> Iterator[None]:
    """Tell of each new message as it is owed, until `is_over`.

    Raises:
        pymongo.errors.OperationFailure: the server has no change streams.
    """
    pipeline = [{"$match": {"operationType": "insert"}}]
    with _collection().watch(pipeline, max_await_time_ms=1000) as stream:
        while stream.alive and not is_over():
            if stream.try_next() is not None:
                yield None


def find_entry(entry_id: str) -> OutboxEntry | None:
    """Give one entry."""
    stored = _collection().find_one({"_id": entry_id})
    return None if stored is None else from_bson(OutboxEntry, stored)


def candidates(state: str, before: dt.datetime, limit: int) -> tuple[OutboxEntry, ...]:
    """Give entries in `state` that were due before a moment, oldest first; nothing is claimed."""
    found = (
        _collection()
        .find({"state": state, "due_at": {"$lte": before}})
        .sort("due_at", 1)
        .limit(limit)
    )
    return tuple(from_bson(OutboxEntry, stored) for stored in found)


def change(
    entry: OutboxEntry,
    *,
    session: ClientSession | None = None,
    **fields: Any,  # noqa: ANN401 - field values
) -> OutboxEntry | None:
    """Change an entry if nobody else has since it was read (compare-and-swap on `rev`).

    A find-and-update would scan the embedded server's collection, see docs/database.md.
    """
    result = _collection().update_one(
        {"_id": entry.id, "rev": entry.rev},
        {"$set": {**fields, "rev": entry.rev + 1}},
        session=session,
    )
    return replace(entry, **fields, rev=entry.rev + 1) if result.modified_count else None


def hold_all(*, session: ClientSession) -> int:
    """Hold back every message that is owed or being sent; give how many."""
    owed = {"state": {"$in": [DUE, LEASED]}}
    change_ = {"$set": {"state": HELD}, "$inc": {"rev": 1}}
    return int(_collection().update_many(owed, change_, session=session).modified_count)


def held_back() -> tuple[OutboxEntry, ...]:
    """Give every message that is held back, the longest due first."""
    found = _collection().find({"state": HELD}).sort("due_at", 1)
    return tuple(from_bson(OutboxEntry, stored) for stored in found)


def of_alert(alert_id: str, *, session: ClientSession | None = None) -> tuple[OutboxEntry, ...]:
    """Give every message of one alert, oldest first."""
    found = _collection().find({"alert_id": alert_id}, session=session).sort("created_at", 1)
    return tuple(from_bson(OutboxEntry, stored) for stored in found)


def confirm(
    recipient_id: str, message_id: str, revision: str, *, opened: bool, at: dt.datetime
) -> int:
    """Note that a message reached its recipient's device, or was opened there; the first time counts.

    What was opened was received. Give how many entries were meant.
    """
    query = {"recipient_id": recipient_id, "message.id": message_id, "message.v": revision}
    found = [stored["_id"] for stored in _collection().find(query, {"_id": 1})]
    for field in ("received_at", "opened_at") if opened else ("received_at",):
        unset = {"_id": {"$in": found}, field: None}
        _collection().update_many(unset, {"$set": {field: at}, "$inc": {"rev": 1}})
    return len(found)


def times_of_alerts(alert_ids: Collection[str]) -> dict[str, dict[str, dt.datetime]]:
    """Give by alert when its first message was owed, accepted by a channel, received and opened."""
    found: dict[str, dict[str, dt.datetime]] = {}
    query = {"alert_id": {"$in": sorted(alert_ids)}}
    for stored in _collection().find(query):
        times = {
            "queued_at": stored["created_at"],
            "accepted_at": stored.get("settled_at") if stored["state"] == ACCEPTED else None,
            "received_at": stored.get("received_at"),
            "opened_at": stored.get("opened_at"),
        }
        own = found.setdefault(stored["alert_id"], {})
        for name, at in times.items():
            if at is not None:
                own[name] = min(own.get(name, at), at)
    return found


def count_by_state() -> dict[str, int]:
    """Count the entries of each state that still matters; one indexed count each."""
    return {
        state: _collection().count_documents({"state": state})
        for state in (DUE, LEASED, HELD, DEAD)
    }


def oldest_due() -> dt.datetime | None:
    """Give since when the longest waiting message is due."""
    stored = _collection().find_one({"state": DUE}, {"due_at": 1}, sort=[("due_at", 1)])
    return None if stored is None else stored["due_at"]


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return OutboxDocument._get_collection()  # noqa: SLF001
