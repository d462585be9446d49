"""What is not the trial's record leaves when its time is over; nothing else is touched."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.clinical.rules import RuleError
from backend.context import new_id
from backend.models.study import RetentionPlan
from backend.services.retention import what_is_due
from jobs.clock import JOBS
from jobs.process import Process
from jobs.retention import apply_retention
from jobs.run import Runner
from tests.conftest import Clock
from tests.people import Person, enrolled, phone, staff
from tests.photos.pictures import snapshot
from tests.services.test_study import load

Stored = Database[dict[str, Any]]
DAY = dt.timedelta(days=1)
CONTACT = {"name": "Wilhelmina Test", "phones": ["+86 10 5555 0100"]}
# What the rules let go of, and what is written as they do.
LEAVING = ("sessions", "activation_codes", "private_texts", "devices", "photo_images")
WRITTEN = ("audit", "audit_heads", "leases", "job_runs")


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    return enrolled(nurse)


@pytest.fixture
def patient(nurse: Person, subject_id: str) -> Person:
    made = phone(nurse, subject_id)
    where = {"kind": "fid", "value": "an-installation"}
    assert made.call("PUT", "/device/push-address", json=where).status_code == 200
    answer = nurse.call("PUT", f"/subjects/{subject_id}/contact", json=CONTACT)
    assert answer.status_code == 200, answer.text
    query = {"photo_id": new_id(), "submission_id": new_id(), "kind": "hands"}
    sent = {"query_string": query, "data": snapshot(), "content_type": "image/jpeg"}
    assert made.call("POST", "/photos", **sent).status_code == 201
    return made


def gone_off_study(nurse: Person, subject_id: str, day: dt.date) -> None:
    body = {"kind": "off_study", "on": day.isoformat(), "rev": 0}
    answer = nurse.post(f"/subjects/{subject_id}/milestones", body)
    assert answer.status_code == 201, answer.text


def due(process: Process) -> dict[str, int]:
    return {one.name: one.count for one in what_is_due(process.study, now=process.clock())}


def record_of(database: Stored) -> dict[str, list[dict[str, Any]]]:
    kept = set(database.list_collection_names()) - {*LEAVING, *WRITTEN}
    return {name: list(database[name].find().sort("_id", 1)) for name in kept}


@pytest.mark.usefixtures("patient")
def test_each_leaves_when_its_time_is_over_and_the_record_stays(
    nurse: Person, subject_id: str, process: Process, clock: Clock, database: Stored
) -> None:
    gone_off_study(nurse, subject_id, clock.now.date())
    record = record_of(database)
    nothing = {"sign_ins": 0, "contacts": 0, "push_addresses": 0, "photos": 0}
    plan = process.study.retention
    clock.now += plan.push_addresses
    assert due(process) == nothing
    assert apply_retention(process) == 0
    clock.now += DAY
    assert due(process) == {**nothing, "push_addresses": 1}
    assert apply_retention(process) == 1
    (device,) = database["devices"].find()
    assert "push_value" not in device
    assert device["label"] == "test phone"
    # The code ended after three days, the nurse's sign-in after fourteen, the phone's after 400.
    clock.now += 14 * DAY + plan.sign_ins
    assert due(process) == {**nothing, "sign_ins": 2}
    assert apply_retention(process) == 2
    (session,) = database["sessions"].find()
    assert session["device_id"] == device["_id"]
    clock.now += plan.contacts
    assert due(process) == {**nothing, "contacts": 1}
    assert apply_retention(process) == 1
    assert database["private_texts"].count_documents({}) == 0
    assert database["photo_images"].count_documents({}) == 1
    assert due(process) == nothing
    assert record_of(database) == record


@pytest.mark.usefixtures("patient")
def test_contact_data_that_is_written_anew_is_kept_for_its_own_time(
    app: flask.Flask, nurse: Person, subject_id: str, process: Process, clock: Clock
) -> None:
    gone_off_study(nurse, subject_id, clock.now.date())
    clock.now += process.study.retention.contacts
    path = f"/subjects/{subject_id}/contact"
    again = staff(app, "nurse", "S01")
    assert again.call("PUT", path, json={**CONTACT, "rev": 0}).status_code == 200
    clock.now += DAY
    assert due(process)["contacts"] == 0
    # One who is off study by a milestone that was corrected is not.
    clock.now += process.study.retention.contacts
    assert due(process)["contacts"] == 1
    corrected = {
        "kind": "off_study",
        "on": clock.now.date().isoformat(),
        "reason": "came back for follow-up",
        "rev": 1,
    }
    now = staff(app, "nurse", "S01")
    assert now.post(f"/subjects/{subject_id}/milestones", corrected).status_code == 201
    assert due(process)["contacts"] == 0


def test_photos_leave_after_the_trial_and_stay_known(
    nurse: Person, patient: Person, subject_id: str, process: Process, database: Stored
) -> None:
    (photo,) = nurse.get(f"/subjects/{subject_id}/photos").get_json()["items"]
    path = f"/photos/{photo['photo_id']}"
    assert patient.get(path).status_code == 200
    today = process.clock().date()
    for ended, kept in ((today, True), (today.replace(year=today.year - 3), False)):
        plan = replace(process.study.retention, ended=ended)
        apply_retention(replace(process, study=replace(process.study, retention=plan)))
        assert nurse.get(path).status_code == (200 if kept else 404)
    assert database["photo_images"].count_documents({}) == 0
    assert nurse.get(f"/subjects/{subject_id}/photos").get_json()["items"] == [photo]


@pytest.mark.usefixtures("patient")
def test_the_trail_says_how_many_of_what_and_the_command_changes_nothing(
    app: flask.Flask, build: Callable[..., Process], clock: Clock, database: Stored
) -> None:
    clock.now += 200 * DAY
    before = {name: database[name].count_documents({}) for name in (*LEAVING, "audit")}
    told = app.test_cli_runner().invoke(args=["retention", "due"])
    assert told.exit_code == 0, told.output
    assert told.output.splitlines()[0].split()[:2] == ["2", "sign_ins"]
    assert "25 years after the end; never removed by this system" in told.output
    assert before == {name: database[name].count_documents({}) for name in before}
    (job,) = [job for job in JOBS if job.run is apply_retention]
    # The one that leads acts, the other does not.
    assert [Runner(build(owner)).run(job) for owner in ("first", "second")] == [True, False]
    (entry,) = database["audit"].find({"action": "retention:apply"})
    assert (entry["actor_id"], entry["details"]) == ("clock", {"sign_ins": 2})
    (ran,) = database["audit"].find({"action": "job:run"})
    assert ran["details"] == {"done": 2}


def test_a_stop_leaves_the_rest_for_the_next_run(
    nurse: Person, process: Process, clock: Clock, database: Stored
) -> None:
    assert nurse.token
    clock.now += 200 * DAY
    process.stopping.set()
    assert apply_retention(process) == 0
    assert database["sessions"].count_documents({}) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("records_years = 25", "records_years = 24"),
        ("records_years = 25", ""),
        ("sign_ins_days = 90", "sign_ins_days = 0"),
        ("contacts_days_after_off_study = 180", "contacts_days_after_off_study = 1.5"),
        ("photos_months_after_end = 24", "photos_months_after_end = -1"),
        ("photos_months_after_end = 24", 'ended = "2030-06-30"'),
        ("photos_months_after_end = 24", "ended = 2030-06-30T00:00:00"),
        ("photos_months_after_end = 24", "audit_days = 30"),
    ],
)
def test_a_rule_that_cannot_be_stops_the_start(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(RuleError, match="retention"):
        load(tmp_path, old, new)


def test_photos_are_kept_to_the_end_of_their_last_month(tmp_path: Path) -> None:
    months = "photos_months_after_end = 24"
    assert load(tmp_path).retention.photos_until is None
    assert load(tmp_path, months, "ended = 2030-06-30").retention.photos_until is None
    for ended, after, until in (
        ("2030-06-30", 24, dt.date(2032, 6, 30)),
        ("2030-12-31", 2, dt.date(2031, 2, 28)),
        ("2030-11-30", 1, dt.date(2030, 12, 31)),
        ("2030-12-01", 12, dt.date(2031, 12, 31)),
    ):
        new = f"photos_months_after_end = {after}\nended = {ended}"
        plan: RetentionPlan = load(tmp_path, months, new).retention
        assert plan.photos_until == until
