"""Which rows, in which order, in pages that give each row once; and the arms only with a reason."""

import csv
import io
from typing import Any

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from backend.access import Grant, Role
from backend.files.sheet import DECIMAL, INTEGER, TEXT
from backend.listings import base
from backend.listings.registry import LISTINGS
from backend.listings.selection import LEAST, Condition, SortKey, mark_of, rank
from tests.people import Person, staff, staff_with

Stored = Database[dict[str, Any]]
EVENTS = "/listings/adverse-events"
REASON = {"reason": "meeting of the monitoring committee"}


@pytest.fixture
def reviewer(app: flask.Flask) -> Person:
    return staff(app, "safety_reviewer")


@pytest.fixture
def unblinded(app: flask.Flask) -> Person:
    return staff_with(app, (Grant(Role.SAFETY_REVIEWER, None, unblinded=True),))


def items(reader: Person, query: str = "") -> list[dict[str, Any]]:
    answer = reader.get(f"{EVENTS}{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("", ["0 Nausea", "0 Colitis", "1 Colitis", "2 Nausea"]),
        ("?term=Nausea", ["0 Nausea", "2 Nausea"]),
        ("?term=Nausea&term=Colitis&site=S02", ["2 Nausea"]),
        ("?judged_grade_min=2", ["0 Colitis", "1 Colitis", "2 Nausea"]),
        ("?judged_grade_min=2&judged_grade_max=2", ["1 Colitis", "2 Nausea"]),
        ("?judged_grade=1&judged_grade=3", ["0 Nausea", "0 Colitis"]),
        ("?onset_min=2026-02-21&onset_max=2026-02-28", ["2 Nausea"]),
        # Only one has a last day: a missing one fulfils no condition.
        ("?end_max=2027-01-01", ["1 Colitis"]),
        ("?relation=ql1706: POSSIBLY RELATED&serious=N&onset=2026-02-20", ["0 Nausea"]),
        ("?sort=judged_grade", ["0 Nausea", "1 Colitis", "2 Nausea", "0 Colitis"]),
        ("?sort=-judged_grade", ["0 Colitis", "1 Colitis", "2 Nausea", "0 Nausea"]),
        ("?sort=end", ["1 Colitis", "0 Nausea", "0 Colitis", "2 Nausea"]),
        ("?sort=-end", ["1 Colitis", "0 Nausea", "0 Colitis", "2 Nausea"]),
    ],
)
def test_conditions_and_order(
    reviewer: Person, trial: list[str], query: str, places: list[str]
) -> None:
    found = [f"{trial.index(row['subject_id'])} {row['term']}" for row in items(reviewer, query)]
    assert found == places


@pytest.mark.parametrize(
    "query", ["", "sort=judged_grade", "sort=-end", "sort=-term", "grade_max=2"]
)
@pytest.mark.usefixtures("trial")
def test_pages_give_each_row_once_in_the_same_order(reviewer: Person, query: str) -> None:
    whole = [row["id"] for row in items(reviewer, f"?{query}")]
    found, cursor = [], ""
    while True:
        page = reviewer.get(f"{EVENTS}?{query}&limit=1{cursor}").get_json()
        found += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == whole


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "arm=A",
        "sort=arm",
        "sort=colour",
        "judged_grade_min=high",
        "onset_min=yesterday",
        "serious=maybe",
        "cursor=nonsense",
    ],
)
def test_what_cannot_be_asked_is_refused(reviewer: Person, query: str) -> None:
    assert reviewer.get(f"{EVENTS}?{query}").status_code == 422


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
@pytest.mark.usefixtures("trial")
def test_a_file_has_the_selected_rows_and_never_the_arm(unblinded: Person, kind: str) -> None:
    answer = unblinded.get(f"{EVENTS}.{kind}?term=Nausea")
    assert answer.status_code == 200
    name = f'filename="adverse-events-blinded.{kind}"'
    assert name in answer.headers["Content-Disposition"]
    if kind == "csv":
        rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        assert [row["term"] for row in rows] == ["Nausea", "Nausea"]
        assert "arm" not in rows[0]


@pytest.mark.usefixtures("trial")
def test_the_arms_need_leave_and_a_reason_which_is_kept(
    reviewer: Person, unblinded: Person, database: Stored
) -> None:
    assert "arm" not in items(unblinded)[0]
    assert reviewer.post(f"{EVENTS}/unblinded", REASON).status_code == 403
    assert unblinded.post(f"{EVENTS}/unblinded", {}).status_code == 422
    assert database["audit"].count_documents({"action": "arm:unblinded"}) == 0
    page = unblinded.post(f"{EVENTS}/unblinded", {**REASON, "arm": ["B"]}).get_json()
    assert (page["label"], [row["arm"] for row in page["items"]]) == ("unblinded", ["B"])
    sent = unblinded.post(f"{EVENTS}/unblinded", {**REASON, "format": "csv", "sort": "-arm"})
    rows = list(csv.DictReader(io.StringIO(sent.text, newline="")))
    assert [row["arm"] for row in rows] == ["B", "A", "A", "A"]
    assert "adverse-events-unblinded.csv" in sent.headers["Content-Disposition"]
    entries = list(database["audit"].find({"action": "arm:unblinded"}))
    assert [entry["target"] for entry in entries] == ["listing/adverse-events"] * 2
    assert entries[0]["details"]["reason"] == REASON["reason"]


@pytest.mark.usefixtures("trial")
def test_an_arm_is_shown_only_at_the_sites_where_it_may_be_seen(app: flask.Flask) -> None:
    grants = (Grant(Role.NURSE, "S01"), Grant(Role.INVESTIGATOR, "S02", unblinded=True))
    both = staff_with(app, grants)
    page = both.post(f"{EVENTS}/unblinded", REASON).get_json()
    assert {(row["site"], row["arm"]) for row in page["items"]} == {("S01", None), ("S02", "B")}


@pytest.mark.usefixtures("trial")
def test_too_many_rows_for_another_order_are_refused(
    reviewer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SORTED_ROWS", 3)
    assert reviewer.get(f"{EVENTS}.csv").status_code == 200
    assert reviewer.get(f"{EVENTS}.xlsx?sort=term").status_code == 422


def test_the_registry_describes_each_listing(app: flask.Flask, reviewer: Person) -> None:
    found = reviewer.get("/listings/").get_json()["items"]
    named = {listing["name"]: listing for listing in found}
    columns = {column["name"]: column for column in named["adverse-events"]["columns"]}
    assert columns["judged_grade"]["type"] == "integer"
    assert columns["term"]["origin"] == "AE.AEDECOD"
    patient_side = {
        listing["name"]
        for listing in staff(app, "data_manager").get("/listings/").get_json()["items"]
    }
    assert "alert-ladder" in named
    assert "alert-ladder" not in patient_side


def test_every_listing_has_declared_what_its_pages_and_files_need() -> None:
    names = [listing.name for listing in LISTINGS]
    assert len(set(names)) == len(names)
    for listing in LISTINGS:
        own = [column.name for column in listing.columns]
        assert len(set(own)) == len(own), listing.name
        assert set(listing.key) <= set(own), listing.name
        # A filter is called <column>_min: no column may be called so itself.
        assert not [name for name in own if name.endswith(("_min", "_max"))], listing.name


VALUES = st.one_of(st.none(), st.integers(-5, 5), st.decimals(-5, 5, places=1))
ROWS = st.lists(
    st.fixed_dictionaries({"value": VALUES, "id": st.text(max_size=3)}),
    unique_by=lambda row: row["id"],
)


@given(ROWS, st.booleans())
def test_a_mark_stands_where_its_row_stands(rows: list[dict[str, Any]], descending: bool) -> None:  # noqa: FBT001
    key = SortKey("value", DECIMAL, ("id",), descending=descending)
    ordered = sorted(rows, key=key)
    for place, row in enumerate(ordered):
        later = [
            other for other in ordered if key(other) > rank(key, mark_of(row, "value", ("id",)))
        ]
        assert later == ordered[place + 1 :]
    assert [row["value"] for row in ordered if row["value"] is None] == [
        row["value"] for row in ordered[len(ordered) - sum(row["value"] is None for row in rows) :]
    ]


@given(VALUES, st.integers(-5, 5))
def test_at_least_holds_for_no_missing_value(value: Any, least: int) -> None:  # noqa: ANN401
    for kind in (INTEGER, DECIMAL):
        holds = Condition("value", LEAST, (least,)).check(kind)({"value": value})
        assert holds == (value is not None and value >= least)
    assert Condition("value", LEAST, ("b",)).check(TEXT)({"value": "c"})
