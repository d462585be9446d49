"""A data cut: what had happened up to a day, the same for ever, and provably untouched."""

from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.models.frame import cut_name
from backend.services.data_cut import take_next_cut, verify_cut
from backend.services.lease import Fence, FencedError, hold_clock
from tests.conftest import Clock
from tests.cuts.conftest import event, taken
from tests.people import Person, dosed, enrolled, staff

Stored = Database[dict[str, Any]]


def rows(reader: Person, cut: str | None, name: str = "adverse-events") -> list[dict[str, Any]]:
    query = f"?cut={cut}" if cut else ""
    answer = reader.get(f"/listings/{name}{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def test_a_cut_has_what_had_happened_by_then_and_ends_beyond_it_are_open(
    reviewer: Person, clinician: Person, trial: list[str], fence: Fence, clock: Clock
) -> None:
    event(clinician, trial[0], term="Nausea", onset="2026-02-21")
    cut = taken(reviewer, fence, clock)
    assert [(row["term"], row["onset"], row["end"]) for row in rows(reviewer, cut)] == [
        ("Colitis", "2026-02-10", None)
    ] * 2
    assert len(rows(reviewer, None)) == 3
    asked = reviewer.get(f"/data-cuts/{cut}").get_json()
    assert (asked["state"], asked["subjects"], asked["subjects_done"]) == ("complete", 2, 2)
    assert asked["counts"]["adverse_events"] == 2
    assert asked["counts"]["exposures"] == 8


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_the_same_cut_gives_the_same_bytes_although_the_trial_goes_on(
    reviewer: Person, clinician: Person, trial: list[str], fence: Fence, clock: Clock, kind: str
) -> None:
    cut = taken(reviewer, fence, clock)
    path = f"/listings/adverse-events.{kind}?cut={cut}"
    before = reviewer.get(path)
    clock.advance(minutes=10)
    event(clinician, trial[0], term="Nausea", onset="2026-02-12")
    dosed(clinician, trial[0], "2026-02-19", "oxaliplatin")
    enrolled(clinician)
    after = reviewer.get(path)
    assert before.data == after.data
    assert before.headers["Repr-Digest"] == after.headers["Repr-Digest"]
    assert "blinded" in after.headers["Content-Disposition"]


def test_a_clock_that_stopped_half_way_goes_on_where_it_was(
    reviewer: Person, trial: list[str], fence: Fence, clock: Clock, database: Stored
) -> None:
    cut = reviewer.post("/data-cuts/", {"cutoff": "2026-02-20", "reason": "yearly report"})
    number = cut.get_json()["id"]
    copies = database[cut_name(number, "subjects")]
    # It stops as soon as one subject has been copied.
    assert take_next_cut(fence=fence, now=clock(), stopping=lambda: copies.find_one({}) is not None)
    assert copies.count_documents({}) == 1
    assert reviewer.get(f"/listings/adverse-events?cut={number}").status_code == 404
    assert take_next_cut(fence=fence, now=clock(), stopping=lambda: False)
    assert [stored["_id"] for stored in copies.find()] == trial
    assert len(rows(reviewer, number)) == 2
    assert not take_next_cut(fence=fence, now=clock(), stopping=lambda: False)
    assert verify_cut(number) == ()


@pytest.mark.usefixtures("trial")
def test_a_clock_that_no_longer_leads_copies_nothing(
    reviewer: Person, fence: Fence, clock: Clock, database: Stored
) -> None:
    cut = reviewer.post("/data-cuts/", {"cutoff": "2026-02-20", "reason": "yearly report"})
    hold_clock("another clock", now=clock.advance(seconds=9))
    with pytest.raises(FencedError):
        take_next_cut(fence=fence, now=clock(), stopping=lambda: False)
    name = cut_name(cut.get_json()["id"], "subjects")
    assert database[name].count_documents({}) == 0


@pytest.mark.usefixtures("trial")
def test_an_altered_a_removed_and_an_added_copy_are_found(
    reviewer: Person, fence: Fence, clock: Clock, database: Stored
) -> None:
    cut = taken(reviewer, fence, clock)
    assert verify_cut(cut) == ()
    events = database[cut_name(cut, "adverse_events")]
    events.update_one({}, {"$set": {"adjudications.0.grade": 1}})
    database[cut_name(cut, "audit")].delete_one({})
    extra = database["exposures"].find_one({}) or {}
    database[cut_name(cut, "exposures")].insert_one({**extra, "_id": "zzz"})
    found = {difference.collection for difference in verify_cut(cut)}
    assert found == {"adverse_events", "audit", "exposures"}


def test_only_who_reviews_every_site_may_ask_and_only_for_a_day_that_has_come(
    app: flask.Flask, reviewer: Person, database: Stored
) -> None:
    one_site = staff(app, "safety_reviewer", "S01")
    asked = {"cutoff": "2026-02-20", "reason": "yearly report"}
    assert one_site.post("/data-cuts/", asked).status_code == 403
    assert reviewer.post("/data-cuts/", {**asked, "cutoff": "2026-03-03"}).status_code == 422
    assert reviewer.post("/data-cuts/", {"cutoff": "2026-02-20"}).status_code == 422
    assert database["data_cuts"].count_documents({}) == 0
    assert database["audit"].count_documents({"action": "data_cut:ask"}) == 0


@pytest.mark.usefixtures("trial")
def test_a_reader_of_one_site_sees_that_site_of_a_cut(
    app: flask.Flask, reviewer: Person, fence: Fence, clock: Clock
) -> None:
    cut = taken(reviewer, fence, clock)
    elsewhere = staff(app, "nurse", "S02")
    assert {row["site"] for row in rows(elsewhere, cut)} == {"S02"}
    assert elsewhere.get("/listings/adverse-events?cut=none").status_code == 404


@pytest.mark.usefixtures("trial")
def test_the_command_says_what_was_altered(
    app: flask.Flask, reviewer: Person, fence: Fence, clock: Clock, database: Stored
) -> None:
    cut = taken(reviewer, fence, clock)
    run = app.test_cli_runner().invoke
    assert run(args=["cuts", "verify", cut]).output == "every copy is as it was written\n"
    database[cut_name(cut, "exposures")].delete_one({})
    altered = run(args=["cuts", "verify", cut])
    assert (altered.exit_code, altered.output[:10]) == (1, "exposures:")
    unknown = run(args=["cuts", "verify", "none"])
    assert unknown.exit_code == 1
    assert "there is no complete data cut none" in unknown.output
