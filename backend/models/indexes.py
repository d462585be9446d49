"""Collections and indexes as declared: make what is missing, and say what the database lacks."""

from typing import Any

from backend.db import database
from backend.models.collections import declared_indexes, make_collection
from backend.models.registry import DOCUMENTS


def migrate(where: Any = None) -> None:  # noqa: ANN401 - pymongo's Database is generic
    """Bring a database to what the documents declare; safe to run again and again.

    `where` None: this process's own.
    """
    place = database() if where is None else where
    existing = set(place.list_collection_names())
    for document in DOCUMENTS:
        name = document._get_collection_name()  # noqa: SLF001
        make_collection(document, name, existing, where=place)


def missing_indexes() -> tuple[str, ...]:
    """Name every declared index that the database lacks, as `collection.index`."""
    return tuple(
        f"{document._get_collection_name()}.{index['name']}"  # noqa: SLF001
        for document in DOCUMENTS
        for have in [{index["name"] for index in document._get_collection().list_indexes()}]  # noqa: SLF001
        for index in declared_indexes(document)
        if index["name"] not in have
    )
