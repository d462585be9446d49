"""Filters, order and pages as the models use them."""

import random
from typing import Any

import pytest

from tests.database.conftest import Documents

SITES = ["site-1", "site-2", "site-3"]


@pytest.fixture
def alerts(collection: Documents) -> Documents:
    """Give 600 alerts with many ties, stored in no order, under the work list's index."""
    collection.create_index(
        [("state", 1), ("tier_rank", 1), ("raised_at", 1), ("_id", 1)], name="alert_queue_all"
    )
    collection.create_index([("subject_id", 1), ("raised_at", -1)], name="alert_subject")
    rows = [
        {
            "_id": f"a{n:04d}",
            "site": SITES[n % 3],
            "subject_id": f"S{n % 17:03d}",
            "tier_rank": n % 4,
            "raised_at": n // 40,
            "state": ["new", "acknowledged", "closed"][n % 5 % 3],
        }
        for n in range(600)
    ]
    random.Random(4).shuffle(rows)  # noqa: S311 - an order, not a secret
    collection.insert_many(rows)
    return collection


def rows(documents: Documents) -> list[dict[str, Any]]:
    """Give all documents without any filter, as the thing to compare with."""
    return list(documents.find())


def test_in_and_order_over_a_compound_index(alerts: Documents) -> None:
    chosen = {"site": {"$in": SITES[:2]}, "state": {"$in": ["acknowledged", "new"]}}
    order = [("tier_rank", 1), ("raised_at", 1), ("_id", 1)]
    found = [row["_id"] for row in alerts.find(chosen).sort(order)]
    expected = sorted(
        (row for row in rows(alerts) if row["site"] in SITES[:2] and row["state"] != "closed"),
        key=lambda row: (row["tier_rank"], row["raised_at"], row["_id"]),
    )
    assert found == [row["_id"] for row in expected]


def test_descending_order_after_an_equal_first_key(alerts: Documents) -> None:
    found = [
        row["raised_at"]
        for row in alerts.find({"subject_id": "S003"}).sort([("subject_id", 1), ("raised_at", -1)])
    ]
    assert found == sorted(
        (row["raised_at"] for row in rows(alerts) if row["subject_id"] == "S003"), reverse=True
    )


def test_nin_ne_and_exists(alerts: Documents) -> None:
    alerts.update_many({"tier_rank": 3}, {"$unset": {"raised_at": ""}})
    everything = rows(alerts)
    for query, expected in (
        ({"state": {"$nin": ["closed", "new"]}}, lambda row: row["state"] == "acknowledged"),
        ({"site": {"$ne": "site-1"}}, lambda row: row["site"] != "site-1"),
        ({"raised_at": {"$exists": False}}, lambda row: row["tier_rank"] == 3),
        (
            {"site": "site-1", "tier_rank": {"$gte": 1, "$lt": 3}},
            lambda row: row["site"] == "site-1" and 1 <= row["tier_rank"] < 3,
        ),
    ):
        found = {row["_id"] for row in alerts.find(query)}
        assert found == {row["_id"] for row in everything if expected(row)}, query
        assert alerts.count_documents(query) == len(found)


@pytest.mark.parametrize("order", [1, -1])
def test_keyset_pages_give_each_row_once_while_rows_come_in(alerts: Documents, order: int) -> None:
    # Sort by (raised_at, _id); the next page starts after the last row of the page before.
    expected = [
        (row["raised_at"], row["_id"])
        for row in sorted(
            (row for row in rows(alerts) if row["site"] == "site-2"),
            key=lambda row: (row["raised_at"], row["_id"]),
            reverse=order < 0,
        )
    ]
    beyond = "$gt" if order > 0 else "$lt"
    seen: list[tuple[int, str]] = []
    while True:
        query: dict[str, Any] = {"site": "site-2"}
        if seen:
            time, key = seen[-1]
            query["$or"] = [
                {"raised_at": {beyond: time}},
                {"raised_at": time, "_id": {beyond: key}},
            ]
        page = list(alerts.find(query).sort([("raised_at", order), ("_id", order)]).limit(23))
        if not page:
            break
        seen += [(row["raised_at"], row["_id"]) for row in page]
        # A row before the page's end must neither appear later nor push another one out.
        edge = -1 if order > 0 else 99
        alerts.insert_one({"_id": f"late-{len(seen)}", "site": "site-2", "raised_at": edge})
    assert seen == expected


def test_a_prefix_is_found_by_range(collection: Documents) -> None:
    collection.create_index("name", name="name")
    names = ["diarrhea", "diabetes", "dizziness", "rash", "dia", "ébauche", "腹泻", "腹痛"]
    collection.insert_many([{"name": name} for name in names])
    for prefix in ("dia", "di", "腹", "x"):
        found = collection.find({"name": {"$gte": prefix, "$lt": prefix + "\U0010ffff"}})
        assert sorted(row["name"] for row in found) == sorted(
            name for name in names if name.startswith(prefix)
        )


def test_a_long_result_comes_in_batches(collection: Documents) -> None:
    collection.insert_many([{"_id": n, "text": "x" * 200} for n in range(3000)])
    found = collection.find({}, {"text": 0}, batch_size=100).sort("_id", 1)
    assert list(found) == [{"_id": n} for n in range(3000)]


def test_a_nested_field_is_found_and_set(collection: Documents) -> None:
    collection.create_index("push.value", name="push")
    collection.insert_many(
        [{"_id": n, "push": {"kind": "fid", "value": f"v{n}"}} for n in range(5)]
    )
    assert [row["_id"] for row in collection.find({"push.value": "v3"})] == [3]
    collection.update_one({"_id": 3}, {"$set": {"push.dead": True}, "$unset": {"push.value": ""}})
    assert collection.find_one({"_id": 3}) == {"_id": 3, "push": {"kind": "fid", "dead": True}}
    assert collection.find_one({"push.value": "v3"}) is None


def test_an_element_of_an_array_is_found(collection: Documents) -> None:
    collection.create_index("sites", name="sites")
    collection.insert_many(
        [{"_id": 1, "sites": ["a", "b"]}, {"_id": 2, "sites": ["b"]}, {"_id": 3}]
    )
    assert sorted(row["_id"] for row in collection.find({"sites": "b"})) == [1, 2]
    collection.update_one({"_id": 2}, {"$push": {"sites": "c"}})
    assert [
        row["_id"] for row in collection.find({"sites": {"$in": ["a", "c"]}}).sort("_id", 1)
    ] == [1, 2]


def test_an_aggregation_counts_and_takes_the_worst(alerts: Documents) -> None:
    pipeline = [
        {"$match": {"site": {"$in": SITES[:2]}}},
        {"$group": {"_id": "$subject_id", "worst": {"$min": "$tier_rank"}, "count": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ]
    expected: dict[str, list[int]] = {}
    for row in rows(alerts):
        if row["site"] in SITES[:2]:
            expected.setdefault(row["subject_id"], []).append(row["tier_rank"])
    assert list(alerts.aggregate(pipeline)) == [
        {"_id": subject, "worst": min(ranks), "count": len(ranks)}
        for subject, ranks in sorted(expected.items())
    ]


def test_a_grouped_key_of_several_fields_is_sorted_by_one(alerts: Documents) -> None:
    pipeline = [
        {"$match": {"subject_id": {"$gte": "S005"}, "site": {"$in": SITES[:2]}}},
        {
            "$group": {
                "_id": {"subject": "$subject_id", "state": "$state"},
                "first": {"$min": "$raised_at"},
                "last": {"$max": "$raised_at"},
            }
        },
        {"$sort": {"_id.subject": 1}},
    ]
    expected: dict[tuple[str, str], list[int]] = {}
    for row in rows(alerts):
        if row["site"] in SITES[:2] and row["subject_id"] >= "S005":
            expected.setdefault((row["subject_id"], row["state"]), []).append(row["raised_at"])
    found = list(alerts.aggregate(pipeline))
    subjects = [row["_id"]["subject"] for row in found]
    assert subjects == sorted(subjects)
    assert {
        (row["_id"]["subject"], row["_id"]["state"]): (row["first"], row["last"]) for row in found
    } == {key: (min(times), max(times)) for key, times in expected.items()}


def test_a_sum_counts_where_a_condition_holds_and_where_a_list_has_an_element(
    collection: Documents,
) -> None:
    collection.insert_many(
        [
            {"_id": 1, "useful": True, "steps": [{"step": "raised"}, {"step": "act"}]},
            {"_id": 2, "useful": False, "steps": [{"step": "act"}, {"step": "called"}]},
            # Not marked: absent and null are neither yes nor no.
            {"_id": 3, "steps": [{"step": "raised"}]},
            {"_id": 4, "useful": None, "steps": []},
        ]
    )
    wanted = {"$in": ["$$one.step", ["act", "called"]]}
    acted = {"$size": {"$filter": {"input": "$steps", "as": "one", "cond": wanted}}}
    group = {
        "_id": None,
        "yes": {"$sum": {"$cond": [{"$eq": ["$useful", True]}, 1, 0]}},
        "no": {"$sum": {"$cond": [{"$eq": ["$useful", False]}, 1, 0]}},
        "acted": {"$sum": {"$cond": [{"$gt": [acted, 0]}, 1, 0]}},
    }
    assert list(collection.aggregate([{"$group": group}])) == [
        {"_id": None, "yes": 1, "no": 1, "acted": 2}
    ]


def test_a_field_of_a_field_is_given_alone(collection: Documents) -> None:
    collection.insert_many(
        [
            {"_id": 1, "facts": {"values": {"cycle": 2, "weight": 70}}, "flags": [{"id": "A"}]},
            {"_id": 2, "facts": {"values": {"weight": 70}}, "flags": []},
        ]
    )
    found = collection.find({}, ["flags", "facts.values.cycle"]).sort("_id", 1)
    assert list(found) == [
        {"_id": 1, "facts": {"values": {"cycle": 2}}, "flags": [{"id": "A"}]},
        {"_id": 2, "facts": {"values": {}}, "flags": []},
    ]


def test_a_descending_index_is_read_backwards(collection: Documents) -> None:
    collection.create_index([("at", -1), ("_id", -1)], name="audit_time")
    collection.insert_many([{"_id": f"e{n:03d}", "at": n // 7} for n in range(100)])
    found = collection.find({"at": {"$gte": 5}}).sort([("at", 1), ("_id", 1)])
    assert [row["_id"] for row in found] == [f"e{n:03d}" for n in range(35, 100)]


def test_distinct_values_of_a_plain_field(alerts: Documents) -> None:
    assert sorted(alerts.distinct("site")) == SITES
    assert sorted(alerts.distinct("subject_id", {"site": "site-1", "tier_rank": 0})) == sorted(
        {
            row["subject_id"]
            for row in rows(alerts)
            if row["site"] == "site-1" and not row["tier_rank"]
        }
    )


def test_a_pattern_by_operator_is_answered_with_and_without_an_index(collection: Documents) -> None:
    collection.insert_many(
        [{"_id": n, "name": name} for n, name in enumerate(["Rash", "rash!", "x"])]
    )
    for _ in range(2):
        found = collection.find({"name": {"$regex": "^rash", "$options": "i"}})
        assert sorted(row["_id"] for row in found) == [0, 1]
        collection.create_index("name", name="name")
