"""What the embedded server gets wrong; the code keeps clear of it, see docs/database.md.

Each test says what MongoDB answers. It must fail on the embedded server (strict xfail): when that
server is mended the suite says so, and the way round can go.
"""

import re

import pytest

from tests.database.conftest import Documents

pytestmark = pytest.mark.usefixtures("_embedded_defect")

NAMES = ["diarrhea", "diabetes", "rash"]


def test_a_regular_expression_as_a_value_on_an_indexed_field(collection: Documents) -> None:
    collection.create_index("name", name="name")
    collection.insert_many([{"_id": name, "name": name} for name in NAMES])
    # What mongoengine's startswith and icontains send; the spelling {"$regex": …} is answered.
    found = collection.find({"name": re.compile("^dia")})
    assert sorted(row["_id"] for row in found) == ["diabetes", "diarrhea"]


def test_a_regular_expression_inside_in_on_an_indexed_field(collection: Documents) -> None:
    collection.create_index("name", name="name")
    collection.insert_many([{"_id": name, "name": name} for name in NAMES])
    found = collection.find({"name": {"$in": [re.compile("^dia"), "rash"]}})
    assert sorted(row["_id"] for row in found) == sorted(NAMES)


def test_a_partial_index_whose_filter_field_is_a_later_key(collection: Documents) -> None:
    collection.create_index(
        [("device", 1), ("state", 1)], name="p", partialFilterExpression={"state": "active"}
    )
    collection.insert_many(
        [{"_id": n, "device": f"d{n}", "state": "active" if n % 2 else "revoked"} for n in range(6)]
    )
    assert sorted(row["_id"] for row in collection.find({"state": "active"})) == [1, 3, 5]
    assert sorted(row["_id"] for row in collection.find({"state": "revoked"})) == [0, 2, 4]
    assert sorted(row["_id"] for row in collection.find({"device": "d2"})) == [2]


def test_both_bounds_of_a_range_on_an_indexed_array(collection: Documents) -> None:
    collection.create_index("scores", name="scores")
    collection.insert_many([{"_id": 1, "scores": [1, 9]}, {"_id": 2, "scores": [5]}])
    # Without $elemMatch different elements may meet the two bounds.
    found = collection.find({"scores": {"$gte": 4, "$lte": 6}})
    assert sorted(row["_id"] for row in found) == [1, 2]


def test_an_index_that_exists_with_an_option_that_says_nothing(collection: Documents) -> None:
    collection.create_index("a", name="a")
    # Ignored by MongoDB since 4.2; mongoengine's own ensure_indexes sends it.
    collection.create_index("a", name="a", background=False)
    assert len(list(collection.list_indexes())) == 2


def test_distinct_values_inside_an_array_of_documents(collection: Documents) -> None:
    collection.insert_one({"grades": [{"term": "Diarrhea"}, {"term": "Fatigue"}]})
    assert sorted(collection.distinct("grades.term")) == ["Diarrhea", "Fatigue"]


def test_an_inclusive_bound_on_a_key_between_two_others(collection: Documents) -> None:
    collection.create_index([("subject", 1), ("day", 1), ("at", 1)], name="up")
    collection.insert_one({"_id": 1, "subject": "S01-0001", "day": "2026-03-02", "at": 7})
    found = collection.find({"subject": "S01-0001", "day": {"$lte": "2026-03-02"}})
    assert [row["_id"] for row in found] == [1]
    collection.create_index([("subject", 1), ("at", -1), ("day", 1)], name="down")
    found = collection.find({"subject": "S01-0001", "at": {"$gte": 7}}, hint="down")
    assert [row["_id"] for row in found] == [1]


def test_a_path_into_a_list_inside_an_expression(collection: Documents) -> None:
    collection.insert_one({"_id": 1, "steps": [{"step": "raised"}, {"step": "act"}]})
    acted = {"$cond": [{"$in": ["act", "$steps.step"]}, 1, 0]}
    found = collection.aggregate([{"$group": {"_id": None, "acted": {"$sum": acted}}}])
    assert list(found) == [{"_id": None, "acted": 1}]


def test_a_snapshot_session_reads_one_moment(collection: Documents) -> None:
    collection.insert_one({"_id": 1})
    with collection.database.client.start_session(snapshot=True) as session:
        assert len(list(collection.find(session=session))) == 1
        collection.insert_one({"_id": 2})
        assert len(list(collection.find(session=session))) == 1


def test_explain_names_the_index_beside_a_further_condition(collection: Documents) -> None:
    collection.create_index("subject", name="subject")
    collection.insert_many([{"_id": n, "subject": f"S{n}", "state": "due"} for n in range(9)])
    asked = {"find": collection.name, "filter": {"subject": "S1", "state": "due"}}
    told = collection.database.command({"explain": asked, "verbosity": "queryPlanner"})
    assert "COLLSCAN" not in str(told["queryPlanner"]["winningPlan"])
