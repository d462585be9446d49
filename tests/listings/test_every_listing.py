"""What holds of every listing: pages, sites, the arm, the frame; on a trial that has a bit of all."""

from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.access import Action, Grant, Role
from backend.listings.registry import LISTINGS
from backend.models.data_cut import COPIED
from tests.conftest import Clock
from tests.listings.conftest import event
from tests.listings.test_diary_windows import follow
from tests.listings.trial import alt, cut_of, gave, judge, listed, measured, paged, wrote
from tests.people import Person, enrolled, staff_with

Stored = Database[dict[str, Any]]
REASON = {"reason": "meeting of the monitoring committee"}


@pytest.fixture
def busy(clinician: Person, app: flask.Flask, clock: Clock) -> list[str]:
    """Give two subjects at two sites with something for every listing."""
    numbers = [enrolled(clinician, "S01"), enrolled(clinician, "S02", arm="B")]
    for number in numbers:
        randomised = {"rev": 0, "kind": "randomised", "on": "2026-02-09"}
        assert clinician.post(f"/subjects/{number}/milestones", randomised).status_code == 201
        gave(clinician, number, "oxaliplatin", "2026-02-10", 220)
        gave(clinician, number, "ql1706", "2026-02-10", 325)
        for day in ("2026-02-23", "2026-02-24"):
            gave(clinician, number, "oxaliplatin", day, 180, change="reduced", reason="toxicity")
        for day in ("2026-02-09", "2026-02-25", "2026-02-26"):
            wrote(
                clinician,
                number,
                day,
                symptoms=[{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}],
                observations={"stools_per_day": 10},
            )
        for day in ("2026-02-10", "2026-02-18"):
            measured(clinician, number, f"{day}T01:00:00+00:00", alt(210))
        event(clinician, number, onset="2026-02-12", seriousness=["hospitalisation"])
        diarrhea = listed(clinician, "provisional-and-adjudicated-grades", "?term=Diarrhea")
        course = next(row for row in diarrhea if row["subject_id"] == number)
        judge(clinician, course, grade=2)
        follow(app, number, clock)
    return numbers


@pytest.fixture
def everything(app: flask.Flask) -> Person:
    """Give one who may read every listing, and the arms."""
    roles = (Role.SAFETY_REVIEWER, Role.DATA_MANAGER)
    return staff_with(app, tuple(Grant(role, None, unblinded=True) for role in roles))


@pytest.mark.usefixtures("busy")
def test_pages_give_each_row_once_in_order(everything: Person) -> None:
    for listing in LISTINGS:
        whole = _lasting(paged(everything, listing.name, limit=200))
        assert whole, listing.name
        few = _lasting(paged(everything, listing.name, limit=1 if len(whole) < 40 else 60))
        assert few == whole, listing.name
        marks = [tuple(str(row[name]) for name in listing.key) for row in whole]
        assert len(set(marks)) == len(marks), listing.name
        assert marks == sorted(marks), listing.name


def _lasting(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out that somebody reads: with each page the trail has an entry more."""
    return [row for row in rows if not str(row.get("action", "")).endswith(":read")]


@pytest.mark.usefixtures("busy")
def test_a_site_s_reader_sees_its_site_alone(app: flask.Flask) -> None:
    roles = (Role.SAFETY_REVIEWER, Role.DATA_MANAGER)
    here = staff_with(app, tuple(Grant(role, "S02") for role in roles))
    for listing in LISTINGS:
        rows = paged(here, listing.name, limit=20)
        assert rows, listing.name
        if "site" in {column.name for column in listing.columns}:
            assert {row["site"] for row in rows} == {"S02"}, listing.name


def test_the_arm_is_shown_for_a_reason_alone(everything: Person, busy: list[str]) -> None:
    arms = dict(zip(busy, ("A", "B"), strict=True))
    for listing in LISTINGS:
        if "arm" not in {column.name for column in listing.columns}:
            continue
        assert "arm" not in listed(everything, listing.name)[0], listing.name
        answer = everything.post(f"/listings/{listing.name}/unblinded", {**REASON, "limit": 200})
        assert answer.status_code == 200, (listing.name, answer.text)
        rows = answer.get_json()["items"]
        assert {row["subject_id"]: row["arm"] for row in rows} == arms, listing.name


@pytest.fixture
def cut(everything: Person, busy: list[str], clock: Clock) -> str:  # noqa: ARG001 - there first
    """Give a complete data cut of the busy trial, as of now."""
    return cut_of(everything, clock)


def test_a_cut_is_read_from_its_copies_alone(
    everything: Person, cut: str, database: Stored
) -> None:
    live = {
        listing.name: paged(everything, listing.name, limit=50)
        for listing in LISTINGS
        if listing.action != Action.AUDIT_READ
    }
    for document in COPIED:
        database[document._get_collection_name()].delete_many({})  # noqa: SLF001
    for name, rows in live.items():
        assert listed(everything, name) == [], name
        assert listed(everything, name, f"?cut={cut}&limit=200") == rows, name
    trail = listed(everything, "audit-review", f"?cut={cut}&limit=200")
    assert {"subject:enrol", "data_cut:ask"} <= {row["action"] for row in trail}


@pytest.mark.usefixtures("busy")
def test_every_value_is_of_the_type_that_is_declared(everything: Person) -> None:
    kinds: dict[str, tuple[type, ...]] = {
        "text": (str,),
        "integer": (int,),
        "decimal": (int, float),
        "day": (str,),
        "moment": (str,),
        "yes_no": (str,),
        "list": (list,),
    }
    for listing in LISTINGS:
        for row in listed(everything, listing.name, "?limit=200"):
            for column in listing.columns:
                value = row.get(column.name)
                where = (listing.name, column.name, value)
                assert value is None or isinstance(value, kinds[column.type]), where
                assert not isinstance(value, bool), where
                if column.type == "day" and value is not None:
                    assert len(value) == len("2026-03-02"), where
                if column.type == "yes_no":
                    assert value in (None, "Y", "N"), where


def test_no_column_is_called_as_a_part_of_the_question() -> None:
    asked = {"cut", "cursor", "limit", "sort", "format", "reason"}
    for listing in LISTINGS:
        assert asked.isdisjoint(column.name for column in listing.columns), listing.name
