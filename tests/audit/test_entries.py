"""What the trail has: reads, old and new values, why, from where; and who may see which of it."""

from collections.abc import Callable
from typing import Any

import flask
import pytest

from backend.access import HEALTH_READS, Action
from backend.context import Context
from backend.listings.registry import LISTINGS
from backend.services.ruleset import keep_rules
from backend.services.study import keep_study
from jobs.process import Process
from jobs.run import Job, Runner
from tests.audit.conftest import Stored
from tests.jobs.conftest import build, console, study
from tests.people import Person, enrolled, phone, staff

__all__ = ["build", "console", "study"]


LISTINGS_BY_NAME = {listing.name: listing for listing in LISTINGS}


def entries(database: Stored, action: str) -> list[dict[str, Any]]:
    return list(database["audit"].find({"action": action}).sort([("stream", 1), ("seq", 1)]))


def test_each_read_of_health_data_says_who_what_and_from_where(
    nurse: Person, subject_id: str, database: Stored
) -> None:
    answer = nurse.call(
        "GET", f"/subjects/{subject_id}/exposures?limit=2", headers={"X-Request-ID": "request-0001"}
    )
    assert answer.status_code == 200
    (entry,) = entries(database, "exposure:read")
    assert entry["actor_id"] == nurse.id
    assert entry["target"] == f"subjects/{subject_id}/exposures"
    assert (entry["site"], entry["subject_id"]) == ("S01", subject_id)
    assert entry["details"] == {"query": {"limit": ["2"]}, "rows": 2}
    assert entry["origin"]["kind"] == "web"
    assert entry["origin"]["request_id"] == "request-0001"
    begun = database["sessions"].find_one({"staff_id": nurse.id})
    assert begun is not None
    assert entry["origin"]["session_id"] == begun["_id"]
    assert entry["stream"] == f"reads/{nurse.id}"


def test_a_patient_s_own_reading_names_the_phone(
    nurse: Person, subject_id: str, database: Stored
) -> None:
    patient = phone(nurse, subject_id)
    assert patient.get(f"/subjects/{subject_id}/diaries").status_code == 200
    (entry,) = entries(database, "diary:read")
    assert entry["origin"]["device_id"] == patient.id
    assert entry["subject_id"] == subject_id


def test_a_list_names_the_subjects_that_were_shown(
    nurse: Person, subject_id: str, app: flask.Flask, database: Stored
) -> None:
    reviewer = staff(app, "safety_reviewer")
    other = enrolled(nurse)
    assert reviewer.get("/listings/dose-changes").status_code == 200
    assert nurse.get("/subjects").status_code == 200
    (entry,) = entries(database, "subject:read")
    assert entry["site"] == "S01"
    assert entry["details"]["rows"] == 2
    assert entry["details"]["subjects"] == [subject_id, other]
    (listed,) = entries(database, LISTINGS_BY_NAME["dose-changes"].action)
    assert listed["actor_id"] == reviewer.id
    # A reader of all sites is no entry of one site.
    assert "site" not in listed


def test_what_was_refused_or_not_found_is_no_reading(
    nurse: Person, subject_id: str, app: flask.Flask, database: Stored
) -> None:
    stranger = staff(app, "nurse", "S02")
    assert stranger.get(f"/subjects/{subject_id}").status_code == 404
    assert staff(app, "administrator").get(f"/subjects/{subject_id}").status_code == 403
    assert nurse.get("/alerts/none").status_code == 404
    assert [each for each in HEALTH_READS if entries(database, each)] == []


def test_a_correction_keeps_both_values_and_why(
    nurse: Person, subject_id: str, database: Stored
) -> None:
    change = {"rev": 0, "reason": "scale was wrong", "baseline": {"baseline_weight_kg": 70.5}}
    answer = nurse.call("PATCH", f"/subjects/{subject_id}", json=change)
    assert answer.status_code == 200, answer.text
    (entry,) = entries(database, "subject:correct")
    assert entry["reason"] == "scale was wrong"
    assert list(entry["changes"]) == ["baseline_weight_kg"]
    pair = entry["changes"]["baseline_weight_kg"]
    assert (str(pair["old"]), str(pair["new"])) == ("65", "70.5")


def test_health_data_in_the_trail_is_for_who_may_read_it_elsewhere(
    nurse: Person, subject_id: str, app: flask.Flask
) -> None:
    change = {"rev": 0, "reason": "scale was wrong", "baseline": {"baseline_weight_kg": 70.5}}
    assert nurse.call("PATCH", f"/subjects/{subject_id}", json=change).status_code == 200
    query = "/audit?action=subject:correct"
    listing = "/listings/audit-review?action=subject:correct"
    shown = {}
    for role in ("administrator", "data_manager", "safety_reviewer"):
        reader = staff(app, role)
        (entry,) = reader.get(query).get_json()["items"]
        (row,) = reader.get(listing).get_json()["items"]
        shown[role] = (entry["reason"], entry["changes"], row["why"], row["changes"])
    seen = (
        "scale was wrong",
        {"baseline_weight_kg": {"old": 65, "new": 70.5}},
        "scale was wrong",
        ["baseline_weight_kg: 65 -> 70.5"],
    )
    assert shown == {
        "administrator": (None, {}, None, []),
        "data_manager": seen,
        "safety_reviewer": seen,
    }


def test_a_change_of_grants_says_what_they_were(app: flask.Flask, database: Stored) -> None:
    administrator = staff(app, "administrator")
    other = staff(app, "nurse", "S01")
    change = {"rev": 0, "grants": [{"role": "investigator", "site": "S01", "unblinded": False}]}
    assert administrator.call("PATCH", f"/staff/{other.id}", json=change).status_code == 200
    (entry,) = entries(database, "staff:change")
    assert entry["changes"] == {"grants": {"old": ["nurse@S01"], "new": ["investigator@S01"]}}


def test_rules_and_study_in_force_are_entries_once(app: flask.Flask, database: Stored) -> None:
    here: Context = app.extensions["backend"]
    for _ in range(2):
        keep_rules(here.ruleset, now=here.clock())
        keep_study(here.config.study_file, here.study, now=here.clock())
    (rule,) = entries(database, "rule:change")
    (study_,) = entries(database, "study:change")
    assert rule["target"] == f"ruleset/{here.ruleset.version}"
    assert study_["target"] == f"study/{here.study.version}"
    assert rule["origin"]["kind"] == "command"


def test_a_job_that_did_something_is_an_entry_and_an_idle_one_is_none(
    build: Callable[..., Process], database: Stored
) -> None:
    process = build("clock-7")
    runner = Runner(process)
    assert runner.run(Job("do three things", lambda _: 3, every=1.0))
    assert runner.run(Job("do nothing", lambda _: 0, every=1.0))
    (entry,) = entries(database, "job:run")
    assert (entry["target"], entry["details"]) == ("job/do three things", {"done": 3})
    assert entry["origin"] == {"kind": "clock", "request_id": "clock-7/do three things"}


def test_every_leave_to_read_is_sorted_into_health_data_or_not() -> None:
    """A new leave to read must be decided on: is it health data?"""
    other = {
        Action.STUDY_READ,
        Action.RULE_READ,
        Action.COLLEAGUE_READ,
        Action.ROSTER_READ,
        Action.SUPPRESSION_READ,
        Action.DEVICE_READ,
        Action.BREAK_GLASS_READ,
    }
    reads = {action for action in Action if action.endswith(":read")}
    assert reads == HEALTH_READS | other
    assert not HEALTH_READS & other


@pytest.mark.parametrize("path", ["/alerts/stream"])
def test_a_stream_that_is_taken_up_again_is_the_same_reading(
    nurse: Person, path: str, database: Stored
) -> None:
    for headers in ({}, {"Last-Event-ID": "1"}):
        answer = nurse.call("GET", path, headers=headers, buffered=False)
        assert answer.status_code == 200
        answer.close()
    assert len(entries(database, "alert:read")) == 1
