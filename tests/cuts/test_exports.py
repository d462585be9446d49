"""Exports: made in the background, resumed after a crash, the same bytes from the same cut."""

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.access import Grant, Role
from backend.context import Context
from backend.exports import making
from backend.exports.making import make_next_export
from backend.models.export import remove_older_than
from backend.services.lease import Fence
from tests.conftest import Clock
from tests.cuts.conftest import event, taken
from tests.people import Person, staff, staff_with

Stored = Database[dict[str, Any]]
Make = Callable[..., bool]


@pytest.fixture
def make(app: flask.Flask, fence: Fence, clock: Clock) -> Make:
    """Give the clock's work on the next export; it stops when `stopping` says so."""
    here: Context = app.extensions["backend"]

    def run(stopping: Callable[[], bool] = lambda: False) -> bool:
        return make_next_export(
            study=here.study, ruleset=here.ruleset, fence=fence, now=clock(), stopping=stopping
        )

    return run


def asked(reader: Person, **body: object) -> str:
    answer = reader.post("/exports/", {"listing": "adverse-events", **body})
    assert answer.status_code == 202, answer.text
    return str(answer.get_json()["id"])


def export(reader: Person, number: str) -> dict[str, Any]:
    answer = reader.get(f"/exports/{number}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.usefixtures("trial")
def test_a_listing_is_made_and_fetched_with_its_digest(
    reviewer: Person,
    make: Make,
    database: Stored,
) -> None:
    number = asked(reviewer)
    assert export(reviewer, number)["state"] == "waiting"
    assert make()
    assert not make()
    made = export(reviewer, number)
    assert made["state"] == "complete"
    file, manifest = made["files"]
    assert (file["name"], file["rows"]) == ("adverse-events-blinded.csv", 2)
    sent = reviewer.get(f"/exports/{number}/files/{file['name']}")
    assert sent.data == reviewer.get("/listings/adverse-events.csv").data
    assert hashlib.sha256(sent.data).hexdigest() == file["sha256"]
    said = json.loads(reviewer.get(f"/exports/{number}/files/{manifest['name']}").data)
    assert said["files"] == [file]
    assert said["label"] == "blinded"
    assert database["audit"].count_documents({"action": "export:fetch"}) == 2


def test_a_killed_clock_goes_on_after_the_last_part(
    clinician: Person,
    reviewer: Person,
    trial: list[str],
    make: Make,
    database: Stored,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for day in range(10, 15):
        event(
            clinician,
            trial[0],
            term="Nausea",
            onset=f"2026-01-{day}",
            end=f"2026-01-{day}",
            outcome="RECOVERED/RESOLVED",
        )
    monkeypatch.setattr(making, "ROWS_AT_A_TIME", 2)
    parts = database["export_parts"]
    number = asked(reviewer)
    make(lambda: parts.count_documents({}) >= 2)
    half = export(reviewer, number)
    assert (half["state"], half["rows"]) == ("running", 4)
    first = [part["_id"] for part in parts.find()]
    make()
    assert export(reviewer, number)["state"] == "complete"
    # What was stored is there still, and the whole is what one pass would have given.
    assert {part["_id"] for part in parts.find()} > set(first)
    name = "adverse-events-blinded.csv"
    sent = reviewer.get(f"/exports/{number}/files/{name}")
    assert sent.data == reviewer.get("/listings/adverse-events.csv").data


def test_two_packages_of_a_cut_are_the_same_bytes_although_the_trial_goes_on(
    clinician: Person,
    reviewer: Person,
    trial: list[str],
    make: Make,
    fence: Fence,
    clock: Clock,
) -> None:
    cut = taken(reviewer, fence, clock)
    body = {"kind": "package", "cut": cut, "listing": None}
    archives = []
    for _ in range(2):
        number = asked(reviewer, **body)
        assert make()
        made = export(reviewer, number)
        assert made["state"] == "complete", made
        assert len(made["files"]) == made["files_expected"]
        archives.append(reviewer.get(f"/exports/{number}/archive.zip").data)
        event(clinician, trial[0], term="Nausea", onset="2026-02-12")
        clock.advance(seconds=5)
    assert archives[0] == archives[1]
    archive = zipfile.ZipFile(io.BytesIO(archives[0]))
    said = json.loads(archive.read("manifest.json"))
    assert (said["data_cut"], said["cutoff"]) == (cut, "2026-02-20")
    assert {file["name"] for file in said["files"]} == set(archive.namelist()) - {"manifest.json"}
    for file in said["files"]:
        assert hashlib.sha256(archive.read(file["name"])).hexdigest() == file["sha256"]
        assert "-blinded." in file["name"]


@pytest.mark.usefixtures("trial")
def test_the_arms_are_in_it_only_with_leave_and_a_reason(
    app: flask.Flask,
    reviewer: Person,
    make: Make,
    database: Stored,
) -> None:
    blinded = staff(app, "safety_reviewer")
    refused = blinded.post("/exports/", {"listing": "adverse-events", "reason": "curious"})
    assert refused.status_code == 403
    assert database["exports"].count_documents({}) == 0
    number = asked(reviewer, reason="meeting of the committee", conditions={"arm": ["B"]})
    make()
    name = "adverse-events-unblinded.csv"
    sent = reviewer.get(f"/exports/{number}/files/{name}")
    assert [row["arm"] for row in csv.DictReader(io.StringIO(sent.text, newline=""))] == ["B"]
    (entry,) = database["audit"].find({"action": "arm:unblinded"})
    assert entry["details"]["reason"] == "meeting of the committee"


@pytest.mark.usefixtures("trial")
def test_somebody_elses_export_is_not_there(app: flask.Flask, reviewer: Person, make: Make) -> None:
    number = asked(reviewer)
    make()
    other = staff(app, "safety_reviewer")
    for path in ("", "/files/adverse-events-blinded.csv", "/archive.zip"):
        assert other.get(f"/exports/{number}{path}").status_code == 404
    assert other.get("/exports/").get_json()["items"] == []
    assert len(reviewer.get("/exports/").get_json()["items"]) == 1


@pytest.mark.usefixtures("trial")
def test_the_leave_of_the_moment_counts(
    app: flask.Flask,
    make: Make,
    database: Stored,
) -> None:
    leaving = staff_with(app, (Grant(Role.SAFETY_REVIEWER, None),))
    number = asked(leaving)
    database["staff"].update_one({"_id": leaving.id}, {"$set": {"active": False}})
    make()
    stored = database["exports"].find_one({"_id": number})
    assert stored is not None
    assert stored["state"] == "failed"
    assert database["export_parts"].count_documents({}) == 0


@pytest.mark.usefixtures("trial")
def test_files_are_of_the_leave_under_which_they_were_asked_for(
    app: flask.Flask, make: Make, database: Stored
) -> None:
    reader = staff_with(app, (Grant(Role.SAFETY_REVIEWER, None), Grant(Role.NURSE, "S01")))
    number = asked(reader)
    make()
    file = f"/exports/{number}/files/adverse-events-blinded.csv"
    assert reader.get(file).status_code == 200
    # What they may still read is not what is in the file.
    nurse = [{"role": "nurse", "site": "S01", "unblinded": False}]
    database["staff"].update_one({"_id": reader.id}, {"$set": {"grants": nurse}})
    for path in ("", "/files/adverse-events-blinded.csv", "/archive.zip"):
        assert reader.get(f"/exports/{number}{path}").status_code == 403
    again = asked(reader)
    make()
    assert export(reader, again)["files"][0]["rows"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"listing": None},
        {"listing": "no-such-listing"},
        {"kind": "package"},
        {"format": "exe"},
        {"conditions": {"colour": ["red"]}},
        {"conditions": {"arm": ["A"]}},
        {"conditions": {"onset_min": "yesterday"}},
    ],
)
def test_what_cannot_be_made_is_refused_and_changes_nothing(
    reviewer: Person, database: Stored, body: dict[str, object]
) -> None:
    answer = reviewer.post("/exports/", {"listing": "adverse-events", **body})
    assert answer.status_code == 422, answer.text
    assert database["exports"].count_documents({}) == 0


def test_too_long_a_pdf_fails_with_its_reason(
    reviewer: Person,
    trial: list[str],  # noqa: ARG001 - two events
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("backend.files.pdf.MOST_ROWS", 1)
    number = asked(reviewer, format="pdf")
    make()
    made = export(reviewer, number)
    assert made["state"] == "failed"
    assert "narrow the filters" in made["detail"]


@pytest.mark.usefixtures("trial")
def test_old_ones_are_let_go_with_their_bytes(
    reviewer: Person,
    make: Make,
    database: Stored,
    clock: Clock,
) -> None:
    asked(reviewer)
    make()
    assert remove_older_than(clock() - dt.timedelta(days=1)) == 0
    assert remove_older_than(clock() + dt.timedelta(seconds=1)) == 1
    assert database["exports"].count_documents({}) == 0
    assert database["export_parts"].count_documents({}) == 0
