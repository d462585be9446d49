"""Collections and indexes as declared: make what is missing, and say what the database lacks."""

from pymongo.errors import CollectionInvalid

from backend.db import database
from backend.models.base import StoredDocument
from backend.models.registry import DOCUMENTS


def migrate() -> None:
    """Bring the connected database to what the documents declare; safe to run again and again."""
    for document in DOCUMENTS:
        make_collection(document, document._get_collection_name())  # noqa: SLF001


def missing_indexes() -> tuple[str, ...]:
    """Name every declared index that the database lacks, as `collection.index`."""
    return tuple(
        f"{document._get_collection_name()}.{index['name']}"  # noqa: SLF001
        for document in DOCUMENTS
        for have in [_index_names(document)]
        for index in _declared(document)
        if index["name"] not in have
    )


def make_collection(document: type[StoredDocument], name: str) -> None:
    """Make a collection called `name` with the indexes of a kind of document, where they are missing."""
    if name not in database().list_collection_names():
        _create(name)
    have = {index["name"] for index in database()[name].list_indexes()}
    for index in _declared(document):
        if index["name"] not in have:
            options = {key: value for key, value in index.items() if key != "keys"}
            database()[name].create_index(index["keys"], **options)


def _create(name: str) -> None:
    try:
        database().create_collection(name)
    except CollectionInvalid:
        # Another process of the same release was quicker.
        return


def _index_names(document: type[StoredDocument]) -> set[str]:
    # By name: a server may spell an equal index's options in another way (docs/database.md).
    return {index["name"] for index in document._get_collection().list_indexes()}  # noqa: SLF001


def _declared(document: type[StoredDocument]) -> list[dict[str, object]]:
    declared = []
    for spec in document._meta["indexes"]:  # noqa: SLF001 - the one place that reads it
        options = {key: value for key, value in spec.items() if key not in ("fields", "cls")}
        keys = [
            (_stored_name(field.lstrip("+-")), -1 if field.startswith("-") else 1)
            for field in spec["fields"]
        ]
        declared.append({"keys": keys, **options})
    return declared


def _stored_name(field: str) -> str:
    return "_id" if field == "id" else field
