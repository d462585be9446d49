"""Unique, sparse, partial and TTL indexes, and making them again."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure

from tests.database.conftest import Documents


def test_a_unique_index_refuses_the_second(collection: Documents) -> None:
    collection.create_index([("subject", 1), ("day", -1)], name="u", unique=True)
    collection.insert_one({"subject": "S1", "day": "2026-03-01"})
    collection.insert_one({"subject": "S1", "day": "2026-03-02"})
    with pytest.raises(DuplicateKeyError):
        collection.insert_one({"subject": "S1", "day": "2026-03-01"})
    assert collection.count_documents({}) == 2


def test_a_unique_index_lets_one_of_many_writers_in(collection: Documents) -> None:
    collection.create_index("submission_id", name="u", unique=True)

    def write(writer: int) -> bool:
        try:
            collection.insert_one({"_id": writer, "submission_id": "same"})
        except DuplicateKeyError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(24)))
    assert won.count(True) == 1
    assert collection.count_documents({}) == 1


def test_a_sparse_unique_index_binds_only_documents_with_the_key(collection: Documents) -> None:
    collection.create_index("open_key", name="u", unique=True, sparse=True)
    collection.insert_many([{"_id": 1}, {"_id": 2}, {"_id": 3, "open_key": "S1/colitis"}])
    with pytest.raises(DuplicateKeyError):
        collection.insert_one({"open_key": "S1/colitis"})
    # Closing takes the key away: the cause may open again.
    collection.update_one({"_id": 3}, {"$unset": {"open_key": ""}})
    collection.insert_one({"_id": 4, "open_key": "S1/colitis"})
    assert [found["_id"] for found in collection.find({"open_key": "S1/colitis"})] == [4]


def test_a_partial_unique_index_binds_only_documents_that_its_filter_meets(
    collection: Documents,
) -> None:
    collection.create_index(
        [("state", 1), ("device", 1)],
        name="u",
        unique=True,
        partialFilterExpression={"state": "active"},
    )
    collection.insert_many(
        [{"state": "revoked", "device": "d"}, {"state": "revoked", "device": "d"}]
    )
    collection.insert_one({"state": "active", "device": "d"})
    with pytest.raises(DuplicateKeyError):
        collection.insert_one({"state": "active", "device": "d"})
    assert collection.count_documents({"state": "revoked"}) == 2
    assert collection.count_documents({"state": "active"}) == 1


def test_replacing_a_document_keeps_to_the_unique_index(collection: Documents) -> None:
    collection.create_index("key", name="u", unique=True)
    collection.insert_many([{"_id": 1, "key": "a"}, {"_id": 2, "key": "b"}])
    with pytest.raises(DuplicateKeyError):
        collection.replace_one({"_id": 2}, {"key": "a"})
    collection.replace_one({"_id": 2}, {"key": "b", "rev": 1})
    assert collection.find_one({"key": "b"}) == {"_id": 2, "key": "b", "rev": 1}


def test_a_ttl_index_says_after_how_many_seconds(collection: Documents) -> None:
    collection.create_index("expires_at", name="ttl", expireAfterSeconds=0)
    collection.insert_one({"expires_at": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)})
    made = {index["name"]: index for index in collection.list_indexes()}
    assert made["ttl"]["expireAfterSeconds"] == 0
    assert collection.count_documents({}) == 1


def test_making_an_index_again_changes_nothing(collection: Documents) -> None:
    for _ in range(2):
        collection.create_index([("a", 1), ("b", -1)], name="ab", unique=True)
    assert [index["name"] for index in collection.list_indexes()] == ["_id_", "ab"]


def test_the_same_name_for_other_keys_is_refused(collection: Documents) -> None:
    # Why `migrate` may compare by name alone: a changed index needs a new name.
    collection.create_index("a", name="n")
    with pytest.raises(OperationFailure) as refused:
        collection.create_index("b", name="n")
    assert refused.value.code in {85, 86}


def test_an_index_is_built_over_what_is_there(collection: Documents) -> None:
    collection.insert_many([{"site": f"site-{n % 3}", "n": n} for n in range(300)])
    collection.create_index([("site", 1), ("n", -1)], name="site_n")
    found = [row["n"] for row in collection.find({"site": "site-1"}).sort([("site", 1), ("n", -1)])]
    assert found == sorted((n for n in range(300) if n % 3 == 1), reverse=True)


def test_a_unique_index_over_duplicates_is_refused(collection: Documents) -> None:
    collection.insert_many([{"k": 1}, {"k": 1}])
    with pytest.raises(DuplicateKeyError):
        collection.create_index("k", name="u", unique=True)
