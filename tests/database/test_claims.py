"""Claiming work by compare-and-swap: find candidates, then update what nobody else has changed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pymongo import MongoClient, ReturnDocument
from pymongo.client_session import ClientSession

from tests.database.conftest import Documents


def test_each_entry_is_claimed_once(collection: Documents) -> None:
    collection.create_index([("state", 1), ("due_at", 1)], name="due")
    collection.insert_many([{"_id": n, "state": "due", "due_at": n, "rev": 0} for n in range(60)])

    def claim(owner: str) -> list[int]:
        claimed = []
        while candidates := list(
            collection.find({"state": "due", "due_at": {"$lte": 59}}).sort("due_at", 1).limit(5)
        ):
            for entry in candidates:
                result = collection.update_one(
                    {"_id": entry["_id"], "state": "due", "rev": entry["rev"]},
                    {"$set": {"state": "leased", "owner": owner}, "$inc": {"rev": 1}},
                )
                if result.modified_count:
                    claimed.append(entry["_id"])
        return claimed

    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(claim, ["a", "b", "c", "d"]))
    assert sorted(entry for claimed in claims for entry in claimed) == list(range(60))
    assert collection.count_documents({"state": "leased", "rev": 1}) == 60


def test_a_stale_revision_changes_nothing(collection: Documents) -> None:
    collection.insert_one({"_id": 1, "rev": 3, "note": "kept"})
    update = collection.update_one({"_id": 1, "rev": 2}, {"$set": {"note": "lost", "rev": 3}})
    replaced = collection.replace_one({"_id": 1, "rev": 2}, {"rev": 3})
    assert (update.matched_count, replaced.matched_count) == (0, 0)
    assert collection.find_one({"_id": 1}) == {"_id": 1, "rev": 3, "note": "kept"}


def test_a_lease_is_taken_by_one_of_many(collection: Documents) -> None:
    # The clock's leader lease: an expired one is taken over, and its fencing number grows.
    collection.insert_one({"_id": "clock", "holder": "old", "until": 10, "fence": 7})

    def take(holder: str) -> bool:
        return bool(
            collection.update_one(
                {"_id": "clock", "until": {"$lt": 11}},
                {"$set": {"holder": holder, "until": 40}, "$inc": {"fence": 1}},
            ).modified_count
        )

    holders = [f"holder-{n}" for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = dict(zip(holders, pool.map(take, holders), strict=True))
    assert list(won.values()).count(True) == 1
    lease = collection.find_one({"_id": "clock"})
    assert lease is not None
    assert won[lease["holder"]]
    assert lease["fence"] == 8


def test_an_upsert_by_many_makes_one_document(collection: Documents) -> None:
    def count(_: int) -> None:
        collection.update_one({"_id": "key"}, {"$inc": {"attempts": 1}}, upsert=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    assert list(collection.find()) == [{"_id": "key", "attempts": 40}]


def test_a_counter_gives_each_number_once(
    collection: Documents, mongo: MongoClient[dict[str, Any]]
) -> None:
    def draw(_: int) -> int:
        # Inside a transaction only: see the defects in docs/database.md.
        def work(session: ClientSession) -> int:
            counter = collection.find_one_and_update(
                {"_id": "site-1"},
                {"$inc": {"last": 1}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            return int(counter["last"])

        with mongo.start_session() as session:
            return session.with_transaction(work)

    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(draw, range(40)))
    assert sorted(drawn) == list(range(1, 41))
