"""One collection with the indexes that a kind of document declares."""

from collections.abc import Collection
from typing import Any

from pymongo.errors import CollectionInvalid

from backend.db import database
from backend.models.base import StoredDocument


def make_collection(
    document: type[StoredDocument],
    name: str,
    existing: Collection[str],
    *,
    where: Any = None,  # noqa: ANN401 - pymongo's Database is generic in the document type
) -> None:
    """Make a collection called `name` with a document's indexes, as far as they are missing.

    `existing` are the collections that there are. Indexes are told by name: a server may spell an
    equal index's options in another way (docs/database.md). `where` None: in this process's database.
    """
    place = database() if where is None else where
    if name not in existing:
        _create(place, name)
    have = {index["name"] for index in place[name].list_indexes()}
    for index in declared_indexes(document):
        if index["name"] not in have:
            options = {key: value for key, value in index.items() if key != "keys"}
            place[name].create_index(index["keys"], **options)


def declared_indexes(document: type[StoredDocument]) -> list[dict[str, object]]:
    """Give a document's indexes as pymongo takes them, with `keys` and `name`."""
    declared = []
    for spec in document._meta["indexes"]:  # noqa: SLF001 - the one place that reads it
        options = {key: value for key, value in spec.items() if key not in ("fields", "cls")}
        keys = [
            (_stored_name(field.lstrip("+-")), -1 if field.startswith("-") else 1)
            for field in spec["fields"]
        ]
        declared.append({"keys": keys, **options})
    return declared


def _create(place: Any, name: str) -> None:  # noqa: ANN401 - as above
    try:
        place.create_collection(name)
    except CollectionInvalid:
        # Another process of the same release was quicker.
        return


def _stored_name(field: str) -> str:
    return "_id" if field == "id" else field
