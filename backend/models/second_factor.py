"""The second factor of staff: a sealed TOTP secret, the last time step used, hashed recovery codes."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from mongoengine import BinaryField, IntField, ListField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert, to_bson
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """One person's; `id` is theirs. `confirmed_at` None: begun, and not asked for yet.

    `last_step`: the newest 30-second step whose code was used; a code is good once.
    """

    id: str
    sealed: bytes = field(repr=False)
    begun_at: dt.datetime
    last_step: int
    recovery: tuple[str, ...] = field(repr=False)
    rev: int
    confirmed_at: dt.datetime | None = None


class SecondFactorDocument(StoredDocument):
    """Stored form of `SecondFactor`."""

    id = StringField(primary_key=True)
    sealed = BinaryField(required=True)
    begun_at = UtcDateTimeField(required=True)
    last_step = IntField(required=True)
    recovery = ListField(StringField())
    rev = IntField(required=True)
    confirmed_at = UtcDateTimeField()

    meta = {"collection": "second_factors", "indexes": []}


def find_factor(staff_id: str, *, session: ClientSession | None = None) -> SecondFactor | None:
    """Give somebody's second factor, confirmed or not."""
    stored = _collection().find_one({"_id": staff_id}, session=session)
    return None if stored is None else from_bson(SecondFactor, stored)


def put_factor(factor: SecondFactor, *, known: SecondFactor | None, session: ClientSession) -> bool:
    """Store it in place of `known` (None: of nothing); False: it has moved on since it was read."""
    if known is None:
        insert(SecondFactorDocument, factor, session=session)
        return True
    stored = {name: value for name, value in to_bson(factor).items() if value is not None}
    result = _collection().replace_one({"_id": known.id, "rev": known.rev}, stored, session=session)
    return bool(result.matched_count)


def remove_factor(staff_id: str, *, session: ClientSession) -> bool:
    """Take it away; False: there was none."""
    return bool(_collection().delete_one({"_id": staff_id}, session=session).deleted_count)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return SecondFactorDocument._get_collection()  # noqa: SLF001
