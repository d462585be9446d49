"""Staff: who they are, how they sign in, what they may do where; the only place with an e-mail."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from mongoengine import BooleanField, DictField, IntField, ListField, StringField
from pymongo.client_session import ClientSession

from backend.access import Grant
from backend.models.base import StoredDocument, from_bson, insert, to_bson
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class StaffRecord:
    """One member of staff. `channel` is how alerts reach them, `push_value` the phone's address.

    Sign-ins begun before `sessions_from` are no good: a password was changed, or the account shut.
    """

    id: str
    email: str = field(repr=False)
    password_hash: str = field(repr=False)
    name: str
    grants: tuple[Grant, ...]
    active: bool
    channel: str
    created_at: dt.datetime
    rev: int
    push_kind: str | None = None
    push_value: str | None = field(default=None, repr=False)
    sessions_from: dt.datetime | None = None


class StaffDocument(StoredDocument):
    """Stored form of `StaffRecord`."""

    id = StringField(primary_key=True)
    email = StringField(required=True)
    password_hash = StringField(required=True)
    name = StringField(required=True)
    grants = ListField(DictField())
    active = BooleanField(required=True)
    channel = StringField(required=True)
    created_at = UtcDateTimeField(required=True)
    rev = IntField(required=True)
    push_kind = StringField()
    push_value = StringField()
    sessions_from = UtcDateTimeField()

    meta = {
        "collection": "staff",
        "indexes": [{"name": "staff_email", "fields": ["email"], "unique": True}],
    }


def insert_staff(staff: StaffRecord, *, session: ClientSession) -> None:
    """Store a new member of staff.

    Raises:
        pymongo.errors.DuplicateKeyError: the e-mail is taken.
    """
    insert(StaffDocument, staff, session=session)


def replace_staff(staff: StaffRecord, *, session: ClientSession) -> bool:
    """Store a changed record whose `rev` is one above the stored one; False: it has moved on."""
    stored = {name: value for name, value in to_bson(staff).items() if value is not None}
    result = _collection().replace_one(
        {"_id": staff.id, "rev": staff.rev - 1}, stored, session=session
    )
    return bool(result.matched_count)


def find_staff(staff_id: str, *, session: ClientSession | None = None) -> StaffRecord | None:
    """Give one member of staff."""
    stored = _collection().find_one({"_id": staff_id}, session=session)
    return None if stored is None else from_bson(StaffRecord, stored)


def find_by_email(email: str) -> StaffRecord | None:
    """Give the member of staff with this e-mail, which is stored in lower case."""
    stored = _collection().find_one({"email": email.strip().lower()})
    return None if stored is None else from_bson(StaffRecord, stored)


def all_staff() -> tuple[StaffRecord, ...]:
    """Give everybody by e-mail."""
    return tuple(from_bson(StaffRecord, stored) for stored in _collection().find().sort("email"))


def active_staff(*, session: ClientSession | None = None) -> tuple[StaffRecord, ...]:
    """Give everybody whose account is open, by id."""
    found = _collection().find({"active": True}, session=session).sort("_id", 1)
    return tuple(from_bson(StaffRecord, stored) for stored in found)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return StaffDocument._get_collection()  # noqa: SLF001
