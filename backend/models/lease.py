"""Leases: who may act in a role now, until when, and how often the role has changed hands."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from mongoengine import IntField, StringField
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class Lease:
    """A role (`id`) held by `owner` before `until`; `fence` grows with each new holder."""

    id: str
    owner: str
    until: dt.datetime
    fence: int


class LeaseDocument(StoredDocument):
    """Stored form of `Lease`."""

    id = StringField(primary_key=True)
    owner = StringField(required=True)
    until = UtcDateTimeField(required=True)
    fence = IntField(required=True)

    meta = {"collection": "leases", "indexes": []}


def find_lease(role: str, *, session: ClientSession | None = None) -> Lease | None:
    """Give the lease of a role, run out or not."""
    stored = _collection().find_one({"_id": role}, session=session)
    return None if stored is None else from_bson(Lease, stored)


def take_lease(role: str, owner: str, *, now: dt.datetime, until: dt.datetime) -> bool:
    """Renew the owner's lease, or take one that ran out before `now`; False: another holds it."""
    renewed = _collection().update_one({"_id": role, "owner": owner}, {"$set": {"until": until}})
    if renewed.matched_count:
        return True
    taken = _collection().update_one(
        {"_id": role, "until": {"$lt": now}},
        {"$set": {"owner": owner, "until": until}, "$inc": {"fence": 1}},
    )
    if taken.matched_count:
        return True
    if find_lease(role) is not None:
        return False
    try:
        insert(LeaseDocument, Lease(role, owner, until, 1))
    except DuplicateKeyError:
        # Another one was the first.
        return False
    return True


def end_lease(role: str, owner: str, *, now: dt.datetime) -> None:
    """Give a lease back, so that the next holder need not wait for it to run out."""
    _collection().update_one({"_id": role, "owner": owner}, {"$set": {"until": now}})


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return LeaseDocument._get_collection()  # noqa: SLF001
