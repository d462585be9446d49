"""What data cuts and exports ask of the database."""

from typing import Any

import pytest
from bson import Binary
from pymongo.client_session import ClientSession
from pymongo.database import Database

from backend.db import transaction
from backend.models.alert import AlertDocument
from backend.models.collections import declared_indexes, make_collection

Stored = Database[dict[str, Any]]
NAME = "cut.0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0001.alerts"


def test_copies_under_another_name_have_the_same_indexes(database: Stored) -> None:
    make_collection(AlertDocument, NAME, database.list_collection_names())
    make_collection(AlertDocument, NAME, database.list_collection_names())
    named = {index["name"] for index in database[NAME].list_indexes()}
    assert named == {"_id_", *(index["name"] for index in declared_indexes(AlertDocument))}
    database[NAME].insert_many([{"_id": str(n), "site": "S01", "raised_at": n} for n in (2, 1, 3)])
    found = database[NAME].find({"site": "S01"}).sort([("site", 1), ("raised_at", 1), ("_id", 1)])
    assert [stored["_id"] for stored in found] == ["1", "2", "3"]
    assert database["alerts"].count_documents({}) == 0
    database.drop_collection(NAME)


def test_an_aborted_copy_leaves_nothing(database: Stored) -> None:
    make_collection(AlertDocument, NAME, database.list_collection_names())

    def story(session: ClientSession) -> None:
        documents = [{"_id": str(number)} for number in range(100)]
        AlertDocument._get_collection().database[NAME].insert_many(documents, session=session)  # noqa: SLF001
        message = "stop"
        raise ZeroDivisionError(message)

    with pytest.raises(ZeroDivisionError):
        transaction(story)
    assert database[NAME].count_documents({}) == 0
    database.drop_collection(NAME)


def test_bytes_come_back_as_they_were(database: Stored) -> None:
    data = bytes(range(256)) * 4 * 4096
    database["things"].insert_one({"_id": "1", "data": Binary(data)})
    stored = database["things"].find_one({"_id": "1"})
    assert stored is not None
    assert bytes(stored["data"]) == data
