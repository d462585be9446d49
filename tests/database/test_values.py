"""What is stored comes back as it was: times, decimals, ids, text, absence."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from bson import Decimal128, Int64

from tests.database.conftest import Documents


def test_a_time_comes_back_in_utc_to_the_millisecond(collection: Documents) -> None:
    shanghai = dt.timezone(dt.timedelta(hours=8))
    collection.insert_one({"_id": 1, "at": dt.datetime(2026, 3, 2, 7, 30, 15, 123000, shanghai)})
    stored = collection.find_one({"_id": 1})
    assert stored is not None
    assert stored["at"] == dt.datetime(2026, 3, 1, 23, 30, 15, 123000, dt.UTC)
    assert stored["at"].utcoffset() == dt.timedelta(0)


def test_times_are_found_by_half_open_range(collection: Documents) -> None:
    collection.create_index("at", name="at")
    start = dt.datetime(2026, 3, 29, 0, 0, tzinfo=dt.UTC)
    collection.insert_many([{"_id": n, "at": start + dt.timedelta(hours=n)} for n in range(48)])
    day = {"$gte": start, "$lt": start + dt.timedelta(days=1)}
    assert [row["_id"] for row in collection.find({"at": day}).sort("at", 1)] == list(range(24))


@pytest.mark.parametrize("text", ["38.40", "0", "-0.5", "1E+3", "9999999999999999.000001"])
def test_a_decimal_comes_back_digit_by_digit(collection: Documents, text: str) -> None:
    collection.insert_one({"_id": 1, "value": Decimal128(text)})
    stored = collection.find_one({"_id": 1})
    assert stored is not None
    assert str(stored["value"].to_decimal()) == str(Decimal(text))


@pytest.mark.parametrize("indexed", [False, True])
def test_decimals_compare_as_numbers(collection: Documents, *, indexed: bool) -> None:
    if indexed:
        collection.create_index("value", name="value")
    values = ["9.5", "10.0", "-3", "10", "100.25", "0.1"]
    collection.insert_many([{"text": text, "value": Decimal128(text)} for text in values])
    above = collection.find({"value": {"$gte": Decimal128("10")}}).sort("value", 1)
    assert sorted(row["text"] for row in above) == ["10", "10.0", "100.25"]
    smallest = collection.find({"value": {"$lt": 1}}).sort("value", 1)
    assert [row["text"] for row in smallest] == ["-3", "0.1"]


def test_a_uuid_is_found_again(collection: Documents) -> None:
    collection.create_index("key", name="u", unique=True)
    key = uuid.UUID("0b1f6e0e-8a3e-4f6a-9d53-2f1f4e1d9c11")
    collection.insert_one({"_id": 1, "key": key})
    assert collection.find_one({"key": key}) == {"_id": 1, "key": key}


def test_an_absent_field_is_not_zero_nor_empty(collection: Documents) -> None:
    collection.create_index("score", name="score")
    collection.insert_many([{"_id": 1}, {"_id": 2, "score": None}, {"_id": 3, "score": 0}])
    assert [row["_id"] for row in collection.find({"score": 0})] == [3]
    assert sorted(row["_id"] for row in collection.find({"score": None})) == [1, 2]
    assert [row["_id"] for row in collection.find({"score": {"$exists": False}})] == [1]
    assert collection.find_one({"_id": 1}) == {"_id": 1}


def test_text_keys_and_order_survive(collection: Documents) -> None:
    document = {
        "_id": "腹泻/0001",
        "payload": {"z": [1, {"b": "ü", "a": "🙂"}], "a": {"": "empty key"}},
        "big": Int64(2**62),
        "bytes": b"\x00\xff",
        "flag": False,
        "list": [],
    }
    collection.insert_one(document)
    stored = collection.find_one({"_id": "腹泻/0001"})
    assert stored == document
    assert list(stored["payload"]) == ["z", "a"]
    assert stored["flag"] is False


def test_integers_and_decimals_are_different_texts_of_one_number(collection: Documents) -> None:
    collection.insert_many(
        [{"_id": 1, "n": 3}, {"_id": 2, "n": Decimal128("3.0")}, {"_id": 3, "n": "3"}]
    )
    assert sorted(row["_id"] for row in collection.find({"n": 3})) == [1, 2]
