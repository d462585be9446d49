"""Doses over the wire: recorded once, corrected as new records, read by the engine."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.clinical.exposure import exposure_facts
from backend.services.exposure import doses_of
from tests.people import Person, enrolled, phone, staff

Stored = Database[dict[str, Any]]


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    return enrolled(nurse)


def infusion(**changes: object) -> dict[str, Any]:
    return {
        "component": "oxaliplatin",
        "first": "2026-02-23",
        "dose": 221,
        "dose_per_m2": 130,
        "unit": "mg",
        "cycle": 1,
        **changes,
    }


def run(**changes: object) -> dict[str, Any]:
    """Give a run of days by mouth."""
    return {
        "component": "regorafenib",
        "first": "2026-02-10",
        "dose": 80,
        "unit": "mg",
        "cycle": 1,
        **changes,
    }


def fraction(number: int, **changes: object) -> dict[str, Any]:
    return {
        "component": "radiotherapy",
        "first": f"2026-02-{number:02d}",
        "dose": 5,
        "unit": "Gy",
        "fraction": number,
        **changes,
    }


def give(person: Person, subject_id: str, body: dict[str, Any]) -> Any:  # noqa: ANN401
    return person.post(f"/subjects/{subject_id}/exposures", body)


def given(person: Person, subject_id: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = give(person, subject_id, body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def pointers(answer: Any) -> set[str]:  # noqa: ANN401
    assert answer.status_code == 422, answer.text
    return {fault["pointer"] for fault in answer.get_json()["errors"]}


def facts(subject_id: str, day: str) -> dict[str, Any]:
    return dict(exposure_facts(doses_of(subject_id), on=dt.date.fromisoformat(day)))


def test_a_dose_is_kept_as_entered(nurse: Person, subject_id: str, database: Stored) -> None:
    made = given(nurse, subject_id, infusion())
    assert (made["dose"], made["dose_per_m2"], made["unit"]) == (221, 130, "mg")
    assert (made["change"], made["corrected"], made["recorded_by"]) == ("given", False, nurse.id)
    assert made["study_version"] == nurse.get("/study").get_json()["version"]
    listed = nurse.get(f"/subjects/{subject_id}/exposures").get_json()
    assert listed == {"items": [made], "next": None}
    entry = database["audit"].find_one({"action": "exposure:record"})
    assert entry is not None
    assert entry["target"] == f"exposure/{made['id']}"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (infusion(component="placebo"), {"/component"}),
        (infusion(unit="g"), {"/unit"}),
        (infusion(dose="221"), {"/dose"}),
        (infusion(dose=0), {"/dose"}),
        (infusion(dose=-1), {"/dose"}),
        (infusion(first="2026-03-03"), {"/first"}),
        (infusion(first="2025-02-23"), {"/first"}),
        (infusion(first="23/02/2026"), {"/first"}),
        (infusion(last="2026-02-24"), {"/last"}),
        (infusion(cycle=7), {"/cycle"}),
        (infusion(cycle=0), {"/cycle"}),
        (infusion(fraction=1), {"/fraction"}),
        (infusion(change="reduced"), {"/reason"}),
        (infusion(change="doubled"), {"/change"}),
        (infusion(change="omitted", reason="platelets 60"), {"/dose"}),
        (infusion(note="x"), {"/note"}),
        (run(last="2026-02-09"), {"/last"}),
        (run(last="2026-03-03"), {"/last"}),
        (run(change="interrupted", reason="hand-foot"), {"/dose"}),
        (run(change="stopped", reason="toxic", dose=0, last="2026-02-20"), {"/last"}),
        (fraction(3, unit="mg"), {"/unit"}),
        (fraction(3, fraction=6), {"/fraction"}),
        (fraction(3, fraction=None), {"/fraction"}),
        (fraction(3, cycle=1), {"/cycle"}),
        (infusion(change="withdrawn", dose=0, reason="mistake"), {"/corrects"}),
        (infusion(unit="g", first="2026-03-03", cycle=9), {"/unit", "/first", "/cycle"}),
    ],
)
def test_a_bad_dose_names_each_fault_and_changes_nothing(
    nurse: Person,
    subject_id: str,
    database: Stored,
    body: dict[str, Any],
    pointer: set[str],
) -> None:
    assert pointers(give(nurse, subject_id, body)) == pointer
    assert database["exposures"].count_documents({}) == 0


def test_no_dose_before_the_randomisation(nurse: Person, subject_id: str) -> None:
    body = {"kind": "randomised", "on": "2026-02-24", "rev": 0}
    assert nurse.post(f"/subjects/{subject_id}/milestones", body).status_code == 201
    assert pointers(give(nurse, subject_id, infusion())) == {"/first"}
    given(nurse, subject_id, infusion(first="2026-02-24"))


def test_a_correction_is_a_new_record_with_a_reason(nurse: Person, subject_id: str) -> None:
    first = given(nurse, subject_id, infusion())
    corrected = infusion(dose_per_m2=100, corrects=first["id"])
    assert pointers(give(nurse, subject_id, corrected)) == {"/reason"}
    second = given(nurse, subject_id, {**corrected, "reason": "read from the wrong line"})
    listed = nurse.get(f"/subjects/{subject_id}/exposures").get_json()["items"]
    assert {one["id"]: one["corrected"] for one in listed} == {
        first["id"]: True,
        second["id"]: False,
    }
    assert facts(subject_id, "2026-02-24")["oxaliplatin_cumulative_mg_m2"] == 100
    again = give(nurse, subject_id, {**corrected, "reason": "once more"})
    assert again.status_code == 409


def test_a_correction_is_of_the_same_component_and_the_same_subject(
    nurse: Person, subject_id: str
) -> None:
    first = given(nurse, subject_id, infusion())
    other = run(corrects=first["id"], reason="wrong drug")
    assert pointers(give(nurse, subject_id, other)) == {"/component"}
    theirs = infusion(corrects=first["id"], reason="wrong patient")
    assert give(nurse, enrolled(nurse), theirs).status_code == 404
    none = infusion(corrects="no-such-record", reason="wrong day")
    assert give(nurse, subject_id, none).status_code == 404
    assert facts(subject_id, "2026-02-24")["oxaliplatin_doses"] == 1


def test_a_withdrawn_record_counts_no_more(nurse: Person, subject_id: str) -> None:
    first = given(nurse, subject_id, infusion())
    mistake = infusion(
        change="withdrawn", dose=0, reason="of another patient", corrects=first["id"]
    )
    given(nurse, subject_id, mistake)
    assert "oxaliplatin_doses" not in facts(subject_id, "2026-02-24")
    given(nurse, subject_id, infusion())
    assert facts(subject_id, "2026-02-24")["oxaliplatin_doses"] == 1


def test_the_same_dose_is_not_counted_twice(nurse: Person, subject_id: str) -> None:
    for body in (infusion(), fraction(2), run(last="2026-02-20")):
        given(nurse, subject_id, body)
        assert give(nurse, subject_id, body).status_code == 409
    overlapping = run(first="2026-02-20", last="2026-02-28")
    assert give(nurse, subject_id, overlapping).status_code == 409
    assert give(nurse, subject_id, run(first="2026-02-01")).status_code == 409
    given(nurse, subject_id, run(first="2026-02-21", cycle=2))
    # A second fraction of one day may be: the makeup of a day that was left out.
    given(nurse, subject_id, fraction(3, first="2026-02-02"))
    given(nurse, subject_id, infusion(component="ql1706", dose=325, dose_per_m2=None))


def test_of_two_who_record_one_dose_at_once_one_is_told(
    app: flask.Flask, nurse: Person, subject_id: str
) -> None:
    def send(_: int) -> int:
        person = Person(app.test_client(), nurse.token, nurse.id)
        return int(give(person, subject_id, infusion()).status_code)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [201, 409, 409, 409]


def test_an_interruption_ends_what_is_taken_and_a_new_run_resumes_it(
    nurse: Person, subject_id: str
) -> None:
    given(nurse, subject_id, run())
    assert facts(subject_id, "2026-02-16")["regorafenib_on"] is True
    pause = run(first="2026-02-17", dose=0, change="interrupted", reason="hand-foot, grade 2")
    given(nurse, subject_id, pause)
    off = facts(subject_id, "2026-02-20")
    assert (off["regorafenib_on"], off["regorafenib_paused"]) == (False, True)
    assert off["days_since_regorafenib_paused"] == 3
    less = run(first="2026-02-24", last="2026-03-01", dose=40, change="reduced", reason="grade 1")
    given(nurse, subject_id, less)
    back = facts(subject_id, "2026-02-26")
    assert (back["regorafenib_on"], back["days_since_regorafenib_resumed"]) == (True, 2)
    assert facts(subject_id, "2026-03-02")["regorafenib_on"] is False


def test_stopped_for_good(nurse: Person, subject_id: str) -> None:
    given(nurse, subject_id, run())
    stop = run(first="2026-02-20", dose=0, change="stopped", reason="bleeding")
    given(nurse, subject_id, stop)
    assert facts(subject_id, "2026-03-02")["days_since_last_regorafenib"] == 11
    given(nurse, subject_id, fraction(2))
    ended = {"component": "radiotherapy", "first": "2026-02-03", "dose": 0, "unit": "Gy"}
    given(nurse, subject_id, {**ended, "change": "stopped", "reason": "refused"})
    assert facts(subject_id, "2026-02-10")["days_since_scrt_end"] == 8


def test_pages_by_day(nurse: Person, subject_id: str) -> None:
    for number in (2, 3, 4, 5, 6):
        given(nurse, subject_id, fraction(number, fraction=number - 1))
    given(nurse, subject_id, infusion())
    seen: list[str] = []
    cursor = ""
    while True:
        page = nurse.get(f"/subjects/{subject_id}/exposures?limit=4{cursor}").get_json()
        seen += [one["first"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [*(f"2026-02-0{number}" for number in range(2, 7)), "2026-02-23"]


def test_doses_tell_the_arm_and_are_not_for_everybody(
    app: flask.Flask, nurse: Person, subject_id: str
) -> None:
    path = f"/subjects/{subject_id}/exposures"
    assert staff(app, "administrator").get(path).status_code == 403
    assert phone(nurse, subject_id).get(path).status_code == 403
    assert staff(app, "nurse", "S02").get(path).status_code == 404
    assert give(staff(app, "data_manager"), subject_id, infusion()).status_code == 403
    assert give(nurse, "S01-0099", infusion()).status_code == 404
