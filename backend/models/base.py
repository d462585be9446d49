"""What all stored documents share: strict fields, no lazy indexes, plain records in and out."""

import dataclasses
import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, TypeVar, cast

import cattrs
from bson.decimal128 import Decimal128
from cattrs.preconf.bson import make_converter
from mongoengine import Document
from pymongo.client_session import ClientSession

Record = TypeVar("Record")

_converter = make_converter(forbid_extra_keys=False)
_converter.register_unstructure_hook(Decimal, Decimal128)
_converter.register_structure_hook(Decimal, lambda value, _: value)
# An answer is one of three kinds, and the database keeps them apart.
_converter.register_structure_hook(bool | Decimal | str, lambda value, _: value)
# A diary's day is a calendar day in the patient's zone: ISO text sorts and never shifts.
_converter.register_unstructure_hook(dt.date, lambda value: value.isoformat())
_converter.register_structure_hook(dt.date, lambda value, _: dt.date.fromisoformat(value))
_converter.register_unstructure_hook(dt.datetime, lambda value: value)
_converter.register_structure_hook(dt.datetime, lambda value, _: value)


class StoredDocument(Document):
    """Base of all documents: unknown fields are refused, indexes are made by `migrate` alone."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "auto_create_index": False, "strict": True}


def to_bson(record: object) -> dict[str, Any]:
    """Turn a frozen record into what the database stores; its `id` becomes `_id`."""
    stored: dict[str, Any] = _converter.unstructure(record)
    if "id" in stored:
        stored["_id"] = stored.pop("id")
    return stored


def from_bson(kind: type[Record], stored: dict[str, Any]) -> Record:
    """Turn a stored document into a record of `kind`.

    Raises:
        cattrs.BaseValidationError: the document is not of this kind.
    """
    # What is None is left out when stored: a unique sparse index must not see it.
    fields: dict[str, Any] = {
        **dict.fromkeys(_required(cast("Any", kind))),
        **_with_decimals(stored),
    }
    if "_id" in fields:
        fields["id"] = fields.pop("_id")
    return _converter.structure(fields, kind)


def number_of(stored: object) -> Decimal | None:
    """Give a stored number; None where it is none: a text, a yes or no, or nothing."""
    if isinstance(stored, Decimal128):
        return stored.to_decimal()
    if isinstance(stored, int) and not isinstance(stored, bool):
        return Decimal(stored)
    return None


def _with_decimals(stored: Any) -> Any:  # noqa: ANN401 - any nesting of stored values
    if isinstance(stored, Decimal128):
        return stored.to_decimal()
    if isinstance(stored, dict):
        return {name: _with_decimals(value) for name, value in stored.items()}
    if isinstance(stored, list):
        return [_with_decimals(value) for value in stored]
    return stored


@cache
def _required(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - a dataclass, which mypy cannot hash
    return tuple(
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )


def insert(
    document: type[StoredDocument], record: object, *, session: ClientSession | None = None
) -> None:
    """Check a record against its document's fields and insert it.

    Raises:
        mongoengine.ValidationError: a field is missing or of the wrong type.
        pymongo.errors.DuplicateKeyError: a unique key is taken.
    """
    document._get_collection().insert_one(checked(document, record), session=session)  # noqa: SLF001


def checked(document: type[StoredDocument], record: object) -> dict[str, Any]:
    """Give a record as stored, after its document has checked every field; None is left out.

    Raises:
        mongoengine.ValidationError: a field is missing or of the wrong type.
    """
    stored = {name: value for name, value in to_bson(record).items() if value is not None}
    # The document checks; what it would store itself it walks through twice more (measured).
    document(
        **{"id" if name == "_id" else name: value for name, value in stored.items()}
    ).validate()
    return stored


StructureError = cattrs.BaseValidationError
