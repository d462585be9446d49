"""`migrate` makes what the documents declare, once; `missing_indexes` tells what is not there."""

from typing import Any

from pymongo.database import Database

from backend.models.indexes import migrate, missing_indexes
from backend.models.registry import DOCUMENTS


def indexes(database: Database[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Give every index of every collection, as the server lists them."""
    return {
        name: [dict(index) for index in database[name].list_indexes()]
        for name in sorted(database.list_collection_names())
    }


def test_every_declared_index_is_there(database: Database[dict[str, Any]]) -> None:
    names = {document._get_collection_name() for document in DOCUMENTS}  # noqa: SLF001
    assert names <= set(database.list_collection_names())
    assert missing_indexes() == ()


def test_a_second_migration_changes_nothing(database: Database[dict[str, Any]]) -> None:
    before = indexes(database)
    migrate()
    assert indexes(database) == before


def test_a_lost_index_is_named_and_made_again(database: Database[dict[str, Any]]) -> None:
    before = indexes(database)
    database["audit"].drop_index("audit_time")
    assert missing_indexes() == ("audit.audit_time",)
    migrate()
    assert missing_indexes() == ()
    assert {index["name"] for index in indexes(database)["audit"]} == {
        index["name"] for index in before["audit"]
    }
