"""Every rule set that was ever in force, file by file, so that an old version can be read again."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mongoengine import DictField, StringField
from pymongo.client_session import ClientSession

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class RulesetVersion:
    """One version; `files` holds the text of each by its name, `/` for the folder and `|` for dots.

    A dot would be a path to the database.
    """

    id: str
    loaded_at: dt.datetime
    files: Mapping[str, str]


class RulesetDocument(StoredDocument):
    """Stored form of `RulesetVersion`; `id` is the version."""

    id = StringField(primary_key=True)
    loaded_at = UtcDateTimeField(required=True)
    files = DictField()

    meta = {"collection": "rulesets", "indexes": []}


def keep_ruleset(version: RulesetVersion, *, session: ClientSession) -> bool:
    """Store a version; False when it is stored already.

    Raises:
        DuplicateKeyError: another process stores it at this moment.
    """
    if _collection().find_one({"_id": version.id}, {"_id": 1}, session=session) is not None:
        return False
    insert(RulesetDocument, version, session=session)
    return True


def find_ruleset(version: str) -> RulesetVersion | None:
    """Give one version."""
    stored = _collection().find_one({"_id": version})
    return None if stored is None else from_bson(RulesetVersion, stored)


def known_versions() -> tuple[tuple[str, dt.datetime], ...]:
    """Give every version and when it was first loaded, oldest first."""
    found = _collection().find({}, {"loaded_at": 1}).sort("loaded_at", 1)
    return tuple((stored["_id"], stored["loaded_at"]) for stored in found)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return RulesetDocument._get_collection()  # noqa: SLF001
