"""A site's own copy of the official CTCAE texts, shown beside our words; never shipped with us."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mongoengine import DictField, StringField
from pymongo import ReplaceOne

from backend.models.base import StoredDocument


@dataclass(frozen=True, slots=True)
class OfficialText:
    """The official wording of one term: `grade_1` … `grade_5` and `definition`."""

    meddra_code: str
    texts: Mapping[str, str]


class CtcaeTextDocument(StoredDocument):
    """Stored form of `OfficialText`."""

    id = StringField(primary_key=True)
    texts = DictField()

    meta = {"collection": "ctcae_texts", "indexes": []}


def replace_texts(texts: Iterable[OfficialText]) -> int:
    """Store the texts, each in place of an earlier one of its term; give how many there were."""
    writes = [
        ReplaceOne(
            {"_id": text.meddra_code},
            {"_id": text.meddra_code, "texts": dict(text.texts)},
            upsert=True,
        )
        for text in texts
    ]
    if writes:
        _collection().bulk_write(writes, ordered=False)
    return len(writes)


def official_texts(codes: Collection[str]) -> dict[str, dict[str, str]]:
    """Give the official texts of some terms by MedDRA code."""
    found = _collection().find({"_id": {"$in": sorted(codes)}})
    return {stored["_id"]: stored["texts"] for stored in found}


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return CtcaeTextDocument._get_collection()  # noqa: SLF001
