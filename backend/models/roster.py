"""Duty rosters: who of a site's staff is on duty when; a shift is ended, never erased."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from mongoengine import ListField, StringField
from pymongo.client_session import ClientSession

from backend.duty import Shift
from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class RosterShift:
    """One person's weekly hours at one site; times are HH:MM by the site's wall clock."""

    id: str
    site: str
    staff_id: str
    role: str
    days: tuple[str, ...]
    begins: str
    ends: str
    made_at: dt.datetime
    made_by: str
    since: dt.date | None = None
    until: dt.date | None = None
    removed_at: dt.datetime | None = None
    removed_by: str | None = None

    @property
    def shift(self) -> Shift:
        """Give it as the pure core reads it."""
        return Shift(
            self.staff_id,
            self.role,
            frozenset(self.days),
            dt.time.fromisoformat(self.begins),
            dt.time.fromisoformat(self.ends),
            self.since,
            self.until,
        )


class RosterDocument(StoredDocument):
    """Stored form of `RosterShift`."""

    id = StringField(primary_key=True)
    site = StringField(required=True)
    staff_id = StringField(required=True)
    role = StringField(required=True)
    days = ListField(StringField())
    begins = StringField(required=True)
    ends = StringField(required=True)
    made_at = UtcDateTimeField(required=True)
    made_by = StringField(required=True)
    since = StringField()
    until = StringField()
    removed_at = UtcDateTimeField()
    removed_by = StringField()

    meta = {
        "collection": "rosters",
        "indexes": [{"name": "roster_site", "fields": ["site", "made_at"]}],
    }


def insert_shift(shift: RosterShift, *, session: ClientSession) -> None:
    """Store a new shift."""
    insert(RosterDocument, shift, session=session)


def find_shift(shift_id: str) -> RosterShift | None:
    """Give one shift."""
    stored = _collection().find_one({"_id": shift_id})
    return None if stored is None else from_bson(RosterShift, stored)


def remove_shift(shift_id: str, *, at: dt.datetime, by: str, session: ClientSession) -> bool:
    """End a shift; False: it had ended already."""
    ended = {"removed_at": at, "removed_by": by}
    result = _collection().update_one(
        {"_id": shift_id, "removed_at": None}, {"$set": ended}, session=session
    )
    return bool(result.matched_count)


def shifts_of(site: str, *, session: ClientSession | None = None) -> tuple[RosterShift, ...]:
    """Give a site's shifts that have not ended, oldest first."""
    found = _collection().find({"site": site}, session=session).sort("made_at", 1)
    known = (from_bson(RosterShift, stored) for stored in found)
    return tuple(shift for shift in known if shift.removed_at is None)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return RosterDocument._get_collection()  # noqa: SLF001
