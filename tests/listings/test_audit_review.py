"""The audit trail as a listing: oldest first, each entry once, a site's reader sees its site alone."""

from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.services.paging import write_cursor
from tests.conftest import Clock
from tests.listings.trial import listed, paged, picked
from tests.people import Person, enrolled, staff

Stored = Database[dict[str, Any]]
NAME = "audit-review"


@pytest.fixture
def manager(app: flask.Flask) -> Person:
    return staff(app, "data_manager")


def test_entries_of_one_moment_come_once_in_pages(
    clinician: Person, manager: Person, database: Stored
) -> None:
    # The clock stands still: all have the same time, and only their ids tell them apart.
    for _ in range(3):
        enrolled(clinician)
    stored = list(database["audit"].find())
    # Whoever reads is in the trail too, with ids among the others.
    rows = [row for row in paged(manager, NAME) if row["action"] != "audit:read"]
    assert [row["id"] for row in rows] == sorted(str(entry["_id"]) for entry in stored)
    assert len({row["at"] for row in rows}) == 1
    enrolments = [row for row in rows if row["action"] == "subject:enrol"]
    assert {row["actor_id"] for row in enrolments} == {clinician.id}
    assert {row["site"] for row in enrolments} == {"S01"}
    assert all(row["target"] == f"subject/{row['subject_id']}" for row in enrolments)


def test_the_oldest_is_first_and_the_reason_has_its_column(
    manager: Person, database: Stored, clock: Clock
) -> None:
    database["audit"].delete_many({})
    for number in (3, 1, 2):
        clock.advance(seconds=1)
        entry = {
            "_id": f"entry-{number}",
            "at": clock.now,
            "actor_id": "somebody",
            "action": "arm:unblinded",
            "target": "listing/adverse-events",
            "details": {"reason": f"meeting {number}", "sites": ["S01", "S02"]},
        }
        database["audit"].insert_one(entry)
    rows = [row for row in paged(manager, NAME) if row["action"] == "arm:unblinded"]
    assert picked(rows, "id", "why", "details", "site") == [
        (f"entry-{number}", f"meeting {number}", ["sites: S01; S02"], None) for number in (3, 1, 2)
    ]


def test_a_site_s_reader_sees_its_site_alone(
    clinician: Person, app: flask.Flask, manager: Person
) -> None:
    enrolled(clinician, "S01")
    enrolled(clinician, "S02")
    own = paged(staff(app, "data_manager", "S02"), NAME)
    assert {row["site"] for row in own} == {"S02"}
    assert {"S01", "S02", None} == {row["site"] for row in listed(manager, NAME, "?limit=200")}


def test_who_may_not_read_the_trail_reads_no_listing_of_it(app: flask.Flask) -> None:
    assert staff(app, "nurse", "S01").get(f"/listings/{NAME}").status_code == 403


@pytest.mark.parametrize("mark", [("soon", "x"), ("9999-12-31T23:59:59-23:00", "x")])
def test_a_cursor_of_no_time_is_refused(manager: Person, mark: tuple[str, str]) -> None:
    answer = manager.get(f"/listings/{NAME}?cursor={write_cursor(mark)}")
    assert answer.status_code == 422
