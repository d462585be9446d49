"""Alerts: one per subject and cause while open, with every step that was taken and when."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from mongoengine import BooleanField, DictField, IntField, ListField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert, to_bson
from backend.models.fields import UtcDateTimeField
from backend.models.frame import Frame, stream

# Sorted by urgency in the database: 0 is the most dangerous.
TIER_RANK = {"emergency": 0, "urgent": 1, "same_day": 2, "routine": 3}


@dataclass(frozen=True, slots=True)
class AlertStep:
    """One thing that happened to an alert: raised, repeated, acknowledged, acted or closed.

    `note` is stored where the system has written it; what a person wrote is sealed under the name
    `private`, and put here where it is shown.
    """

    at: dt.datetime
    step: str
    by: str
    note: str | None = None
    private: str | None = None

    @property
    def sealed(self) -> bool:
        """Tell whether there is a note that is not shown here."""
        return self.private is not None and self.note is None


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One cause of concern about one subject, from first ring to the reason for closing it."""

    id: str
    subject_id: str
    site: str
    flag_id: str
    tier: str
    tier_rank: int
    state: str
    title: str
    reason: str
    assessment_ids: tuple[str, ...]
    raised_at: dt.datetime
    rung_at: dt.datetime
    acknowledge_by: dt.datetime
    steps: tuple[AlertStep, ...]
    rev: int
    acknowledged_at: dt.datetime | None = None
    acknowledged_by: str | None = None
    # Unique while open, absent when closed: two writers cannot open the same cause twice.
    open_key: str | None = None
    # A serious adverse event that must be reported, and by when; the report closes the alert.
    event_id: str | None = None
    report_by: dt.datetime | None = None
    # The flag's rule as it was when the alert was raised.
    rule_version: str | None = None
    # How many steps of the tier's policy were taken since it rang, and when the next one is due;
    # None: it is followed no further, because somebody has it.
    escalation: int = 0
    escalate_at: dt.datetime | None = None
    assigned_to: str | None = None
    snoozed_until: dt.datetime | None = None
    useful: bool | None = None
    # Suppressions that fit when it was raised: in shadow they are only counted.
    suppressions: tuple[str, ...] = ()
    suppressed: bool = False


class AlertDocument(StoredDocument):
    """Stored form of `AlertRecord`."""

    id = StringField(primary_key=True)
    subject_id = StringField(required=True)
    site = StringField(required=True)
    flag_id = StringField(required=True)
    tier = StringField(required=True)
    tier_rank = IntField(required=True)
    state = StringField(required=True)
    title = StringField(required=True)
    reason = StringField(required=True)
    assessment_ids = ListField(StringField())
    raised_at = UtcDateTimeField(required=True)
    rung_at = UtcDateTimeField(required=True)
    acknowledge_by = UtcDateTimeField(required=True)
    steps = ListField(DictField())
    rev = IntField(required=True)
    acknowledged_at = UtcDateTimeField()
    acknowledged_by = StringField()
    open_key = StringField()
    event_id = StringField()
    report_by = UtcDateTimeField()
    rule_version = StringField()
    escalation = IntField()
    escalate_at = UtcDateTimeField()
    assigned_to = StringField()
    snoozed_until = UtcDateTimeField()
    useful = BooleanField()
    suppressions = ListField(StringField())
    suppressed = BooleanField()

    meta = {
        "collection": "alerts",
        "indexes": [
            {"name": "alert_open", "fields": ["open_key"], "unique": True, "sparse": True},
            {"name": "alert_subject", "fields": ["subject_id", "state"]},
            {"name": "alert_escalation", "fields": ["escalate_at"], "sparse": True},
            {"name": "alert_suppression", "fields": ["suppressions"]},
            {"name": "alert_listing", "fields": ["site", "raised_at", "id"]},
            # Closed alerts grow for ever; a work list reads what is open and nothing else.
            {"name": "alert_queue", "fields": ["site", "state", "tier_rank", "raised_at", "id"]},
            {"name": "alert_queue_all", "fields": ["state", "tier_rank", "raised_at", "id"]},
        ],
    }


def insert_alert(alert: AlertRecord, *, session: ClientSession) -> None:
    """Store a new alert.

    Raises:
        pymongo.errors.DuplicateKeyError: an alert of this cause is open already.
    """
    insert(AlertDocument, alert, session=session)


def replace_alert(alert: AlertRecord, *, session: ClientSession) -> bool:
    """Store a changed alert whose `rev` is one above the stored one; False when it has moved on."""
    stored = {name: value for name, value in to_bson(alert).items() if value is not None}
    result = _collection().replace_one(
        {"_id": alert.id, "rev": alert.rev - 1}, stored, session=session
    )
    return bool(result.matched_count)


def find_alert(alert_id: str, *, session: ClientSession | None = None) -> AlertRecord | None:
    """Give one alert."""
    stored = _collection().find_one({"_id": alert_id}, session=session)
    return None if stored is None else from_bson(AlertRecord, stored)


def open_alerts(
    subject_id: str, *, session: ClientSession | None = None
) -> tuple[AlertRecord, ...]:
    """Give the subject's alerts that nobody has closed."""
    found = _collection().find(
        {"subject_id": subject_id, "state": {"$in": ["new", "acknowledged", "acted"]}},
        session=session,
    )
    return tuple(from_bson(AlertRecord, stored) for stored in found)


def open_alert_of(open_key: str, *, session: ClientSession) -> AlertRecord | None:
    """Give the open alert of one cause."""
    stored = _collection().find_one({"open_key": open_key}, session=session)
    return None if stored is None else from_bson(AlertRecord, stored)


def due_subjects(now: dt.datetime, limit: int) -> tuple[str, ...]:
    """Give the subjects of whom an alert is due for its next step, the longest due first."""
    query = {"escalate_at": {"$lte": now}}
    found = _collection().find(query, {"subject_id": 1}).sort("escalate_at", 1).limit(limit)
    return tuple(dict.fromkeys(str(stored["subject_id"]) for stored in found))


def work_list(
    sites: Collection[str] | None,
    *,
    states: Collection[str],
    limit: int,
    after: tuple[int, dt.datetime, str] | None = None,
    tier: str | None = None,
) -> tuple[AlertRecord, ...]:
    """Give alerts of `sites` (None: all) in `states`, most dangerous first, oldest first within a tier."""
    query: dict[str, Any] = {"state": {"$in": sorted(states)}}
    if tier is not None:
        query["tier_rank"] = TIER_RANK[tier]
    if sites is not None:
        query["site"] = {"$in": sorted(sites)}
    if after is not None:
        query["tier_rank"] = {"$gte": after[0]}
    found = _collection().find(query).sort([("tier_rank", 1), ("raised_at", 1), ("_id", 1)])
    rows: list[AlertRecord] = []
    for stored in found:
        if after is not None and (stored["tier_rank"], stored["raised_at"], stored["_id"]) <= after:
            continue
        rows.append(from_bson(AlertRecord, stored))
        if len(rows) == limit:
            break
    return tuple(rows)


def stream_alerts(
    frame: Frame,
    sites: Collection[str] | None,
    *,
    after: tuple[Any, ...] | None = None,
    fields: tuple[str, ...] = (),
) -> Iterator[dict[str, Any]]:
    """Give stored alerts of `sites` (None: all) by site, time and id, as they are read.

    `after` is such a key, its time as ISO 8601 text. `fields` beside the key's; empty: all.
    """
    wanted = ("site", "raised_at", *fields) if fields else None
    query: dict[str, Any] = {}
    if after is not None:
        query["site"] = {"$gte": after[0]}
    order = (("site", 1), ("raised_at", 1), ("_id", 1))
    for stored in stream(frame, AlertDocument, order, sites=sites, query=query, fields=wanted):
        key = (stored["site"], stored["raised_at"].isoformat(), stored["_id"])
        if after is None or key > after:
            yield stored


def stream_alerts_of_subjects(
    frame: Frame, sites: Collection[str] | None, *, since: str | None = None
) -> Iterator[dict[str, Any]]:
    """Give stored alerts of `sites` (None: all) by subject, from one on; a subject's in no order."""
    query: dict[str, Any] = {} if since is None else {"subject_id": {"$gte": since}}
    order = (("subject_id", 1), ("state", 1))
    return stream(frame, AlertDocument, order, sites=sites, query=query)


def count_suppressed(suppression_id: str, sites: Collection[str] | None) -> dict[str, int]:
    """Count the alerts at `sites` (None: all) that a suppression fitted, and what people made of them."""
    found = {"fitted": 0, "acted": 0, "useful": 0, "not_useful": 0}
    query = {"suppressions": suppression_id}
    for stored in _collection().find(query, {"site": 1, "useful": 1, "steps.step": 1}):
        if sites is not None and stored["site"] not in sites:
            continue
        taken = {step["step"] for step in stored["steps"]}
        found["fitted"] += 1
        found["acted"] += not taken.isdisjoint(("act", "called"))
        found["useful"] += stored.get("useful") is True
        found["not_useful"] += stored.get("useful") is False
    return found


def count_open_by_tier() -> dict[str, int]:
    """Count the alerts that nobody has closed, by tier."""
    found = dict.fromkeys(TIER_RANK, 0)
    query = {"state": {"$in": ["new", "acknowledged", "acted"]}}
    for stored in _collection().find(query, {"tier": 1}):
        found[stored["tier"]] += 1
    return found


def oldest_unanswered_by_tier() -> dict[str, tuple[int, dt.datetime | None]]:
    """Count the alerts that nobody has taken, by tier, with the time of the oldest."""
    found: dict[str, tuple[int, dt.datetime | None]] = dict.fromkeys(TIER_RANK, (0, None))
    asked = {"tier": 1, "raised_at": 1, "suppressed": 1}
    for stored in _collection().find({"state": "new"}, asked):
        if not stored.get("suppressed"):
            count, oldest = found[stored["tier"]]
            raised = stored["raised_at"]
            found[stored["tier"]] = (count + 1, raised if oldest is None else min(oldest, raised))
    return found


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return AlertDocument._get_collection()  # noqa: SLF001
