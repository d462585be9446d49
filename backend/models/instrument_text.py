"""A study's own copy of the official PRO-CTCAE texts, by language; never shipped with us."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mongoengine import DictField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, to_bson
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class TextPack:
    """The official wording of items by item code, in one language; `sha256` is that of the file."""

    language: str
    texts: Mapping[str, str]
    sha256: str
    imported_at: dt.datetime


class TextPackDocument(StoredDocument):
    """Stored form of `TextPack`."""

    id = StringField(primary_key=True)
    language = StringField(required=True)
    texts = DictField()
    sha256 = StringField(required=True)
    imported_at = UtcDateTimeField(required=True)

    meta = {"collection": "instrument_texts", "indexes": []}


def replace_pack(pack: TextPack, *, session: ClientSession) -> None:
    """Store a pack in place of an earlier one of its language."""
    stored = {"_id": pack.language, **to_bson(pack)}
    _collection().replace_one({"_id": pack.language}, stored, upsert=True, session=session)


def find_pack(language: str) -> TextPack | None:
    """Give the pack of one language, or of another variant of it: zh where zh-CN was imported."""
    stored = _collection().find_one({"_id": language})
    if stored is None:
        packs = _collection().find().sort("_id", 1)
        stored = next((one for one in packs if one["_id"].partition("-")[0] == language), None)
    return None if stored is None else from_bson(TextPack, stored)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return TextPackDocument._get_collection()  # noqa: SLF001
