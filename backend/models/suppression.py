"""Suppressions: which flags need not ring; in shadow they are counted, not applied."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from mongoengine import DictField, IntField, ListField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert, to_bson
from backend.models.fields import UtcDateTimeField

SHADOW, ON, ENDED = "shadow", "on", "ended"


@dataclass(frozen=True, slots=True)
class SuppressionStep:
    """One change of a suppression: proposed, switched on or off, or ended; who, when and why."""

    at: dt.datetime
    step: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suppression:
    """Alerts of one flag and some tiers that do not ring; `site` None: at every site."""

    id: str
    flag_id: str
    tiers: tuple[str, ...]
    site: str | None
    state: str
    made_at: dt.datetime
    steps: tuple[SuppressionStep, ...]
    rev: int


class SuppressionDocument(StoredDocument):
    """Stored form of `Suppression`."""

    id = StringField(primary_key=True)
    flag_id = StringField(required=True)
    tiers = ListField(StringField())
    site = StringField()
    state = StringField(required=True)
    made_at = UtcDateTimeField(required=True)
    steps = ListField(DictField())
    rev = IntField(required=True)

    meta = {
        "collection": "suppressions",
        "indexes": [{"name": "suppression_flag", "fields": ["flag_id", "made_at"]}],
    }


def insert_suppression(suppression: Suppression, *, session: ClientSession) -> None:
    """Store a proposal."""
    insert(SuppressionDocument, suppression, session=session)


def replace_suppression(suppression: Suppression, *, session: ClientSession) -> bool:
    """Store a change whose `rev` is one above the stored one; False when it has moved on."""
    stored = {name: value for name, value in to_bson(suppression).items() if value is not None}
    result = _collection().replace_one(
        {"_id": suppression.id, "rev": suppression.rev - 1}, stored, session=session
    )
    return bool(result.matched_count)


def find_suppression(
    suppression_id: str, *, session: ClientSession | None = None
) -> Suppression | None:
    """Give one suppression."""
    stored = _collection().find_one({"_id": suppression_id}, session=session)
    return None if stored is None else from_bson(Suppression, stored)


def suppressions_of(flag_id: str, *, session: ClientSession) -> tuple[Suppression, ...]:
    """Give the suppressions of one flag that have not ended."""
    found = _collection().find({"flag_id": flag_id}, session=session)
    known = (from_bson(Suppression, stored) for stored in found)
    return tuple(suppression for suppression in known if suppression.state != ENDED)


def all_suppressions(sites: Collection[str] | None) -> tuple[Suppression, ...]:
    """Give the suppressions that concern some sites (None: all), ended ones included, oldest first."""
    found = _collection().find().sort([("made_at", 1), ("_id", 1)])
    known = (from_bson(Suppression, stored) for stored in found)
    return tuple(one for one in known if sites is None or one.site is None or one.site in sites)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return SuppressionDocument._get_collection()  # noqa: SLF001
