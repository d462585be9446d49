"""Which steps of `migrate` this database has been through: its version, written down in itself."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from mongoengine import BooleanField, IntField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class SchemaStep:
    """One step that was begun here; `done_at` None: it was interrupted, or is running now.

    `breaks`: releases that do not know this step must not work on this database.
    """

    id: int
    name: str
    begun_at: dt.datetime
    breaks: bool = False
    done_at: dt.datetime | None = None


class SchemaStepDocument(StoredDocument):
    """Stored form of `SchemaStep`."""

    id = IntField(primary_key=True)
    name = StringField(required=True)
    begun_at = UtcDateTimeField(required=True)
    breaks = BooleanField(required=True)
    done_at = UtcDateTimeField()

    meta = {"collection": "schema_steps", "indexes": []}


def all_steps() -> tuple[SchemaStep, ...]:
    """Give every step that was begun, by number."""
    found = _collection().find().sort("_id", 1)
    return tuple(from_bson(SchemaStep, stored) for stored in found)


def begin(step: SchemaStep) -> None:
    """Write down that a step is begun, or begun again; from now on its `breaks` counts."""
    changes = {"name": step.name, "begun_at": step.begun_at, "breaks": step.breaks}
    _collection().update_one(
        {"_id": step.id}, {"$set": changes, "$unset": {"done_at": ""}}, upsert=True
    )


def finish(number: int, *, at: dt.datetime, session: ClientSession) -> None:
    """Write down that a step is done."""
    _collection().update_one({"_id": number}, {"$set": {"done_at": at}}, session=session)


def forget(number: int, *, session: ClientSession) -> None:
    """Take a step away that was rolled back."""
    _collection().delete_one({"_id": number}, session=session)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return SchemaStepDocument._get_collection()  # noqa: SLF001
