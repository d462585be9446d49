"""The audit trail as read: each entry once, whoever asks, however many in one millisecond."""

import datetime as dt
import random
from typing import Any

import flask
import pytest

from backend.access import Grant, Role
from backend.context import Context
from backend.models.audit import AuditEntry, append, latest
from tests.access.world import join_staff
from tests.conftest import START
from tests.identity.conftest import person
from tests.people import Person

# Whoever reads the trail is in it too, at the time of the tests' clock: not looked for here.
BEFORE = START - dt.timedelta(days=1)
EARLIER = f"until={START.strftime('%Y-%m-%dT%H:%M:%SZ')}"
SITES = ("S01", "S02", None)


@pytest.fixture
def entries(app: flask.Flask) -> list[AuditEntry]:  # noqa: ARG001 - an empty database
    """Give 90 entries in five milliseconds, stored in no order, newest first."""
    made = [
        AuditEntry(
            id=f"{number * 7919 % 1000:03d}",
            at=BEFORE + dt.timedelta(milliseconds=number % 5),
            actor_id="somebody",
            action="test",
            target=f"thing/{number}",
            site=SITES[number % 3],
        )
        for number in range(90)
    ]
    random.Random(7).shuffle(made)  # noqa: S311 - an order, not a secret
    for entry in made:
        append(entry)
    return sorted(made, key=lambda entry: (entry.at, entry.id), reverse=True)


def pages(by: Person, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query = f"/audit?limit={limit}&{EARLIER}"
    # More pages than there are entries would be pages without an end.
    for _ in range(100):
        answer = by.get(query)
        assert answer.status_code == 200, answer.text
        page = answer.get_json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        query = f"/audit?limit={limit}&{EARLIER}&cursor={page['next']}"
    pytest.fail("the pages have no end")


@pytest.mark.parametrize("limit", [1, 7, 18, 90, 200])
def test_pages_give_each_entry_once_in_order(
    administrator: Person, entries: list[AuditEntry], limit: int
) -> None:
    assert [row["id"] for row in pages(administrator, limit)] == [entry.id for entry in entries]


@pytest.mark.parametrize("limit", [4, 50])
@pytest.mark.parametrize("sites", [("S01",), ("S01", "S02")])
def test_a_reader_of_some_sites_gets_theirs_alone(
    app: flask.Flask,
    here: Context,
    entries: list[AuditEntry],
    sites: tuple[str, ...],
    limit: int,
) -> None:
    grants = [Grant(Role.DATA_MANAGER, site) for site in sites]
    reader = person(app, join_staff(here, "manager", *grants).who)
    assert [row["id"] for row in pages(reader, limit)] == [
        entry.id for entry in entries if entry.site in sites
    ]


def test_entries_that_come_in_between_move_no_page(
    administrator: Person, entries: list[AuditEntry]
) -> None:
    first = administrator.get(f"/audit?limit=40&{EARLIER}").get_json()
    append(AuditEntry("new", BEFORE + dt.timedelta(seconds=1), "somebody", "test", "thing/new"))
    rest = administrator.get(f"/audit?limit=200&{EARLIER}&cursor={first['next']}").get_json()
    ids = [row["id"] for row in first["items"] + rest["items"]]
    assert ids == [entry.id for entry in entries]


def test_an_entry_says_who_did_what_to_which_thing_where(
    administrator: Person, nurse: Person, subject_id: str
) -> None:
    assert nurse.post(f"/subjects/{subject_id}/activation-codes").status_code == 201
    rows = administrator.get("/audit").get_json()["items"]
    (entry,) = [row for row in rows if row["action"] == "device:invite"]
    assert entry == {
        "id": entry["id"],
        "at": START.isoformat(),
        "actor_id": nurse.id,
        "action": "device:invite",
        "target": f"subject/{subject_id}",
        "site": "S01",
        "subject_id": subject_id,
        "details": {},
        "reason": None,
        "changes": {},
        "origin": {
            "kind": "web",
            "session_id": entry["origin"]["session_id"],
            "device_id": None,
            "client": "another client",
            "request_id": entry["origin"]["request_id"],
        },
        "stream": f"subject/{subject_id}",
        "seq": 2,
        "sha256": entry["sha256"],
    }


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0", "e30", "ü", "WyJ4IiwieSJd"])
def test_a_cursor_of_another_listing_is_refused(administrator: Person, cursor: str) -> None:
    assert administrator.get(f"/audit?cursor={cursor}").status_code == 422


def test_nobody_reads_it_without_leave(nurse: Person) -> None:
    assert nurse.get("/audit").status_code == 403


def test_a_reader_of_no_site_gets_nothing(entries: list[AuditEntry]) -> None:
    assert entries
    assert latest(10, sites=()) == ()
