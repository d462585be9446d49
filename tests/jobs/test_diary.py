"""Which diaries are expected: due, late, missed, done, excused; and who is told of the silent."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.services.lease import FencedError, hold_clock
from jobs.diary import follow_diaries
from jobs.process import Process
from tests.conftest import Clock
from tests.people import Person, dosed, enrolled, phone, staff

Stored = Database[dict[str, Any]]
# The clock of the tests stands at 08:00 UTC, 16:00 in Shanghai, on 2 March.
TODAY = "2026-03-02"
TO_MIDNIGHT, DAY = dt.timedelta(hours=8), dt.timedelta(days=1)


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    number = enrolled(nurse)
    dosed(nurse, number, "2026-02-20")
    return number


def diary(clock: Clock, day: str = TODAY, **observations: object) -> dict[str, Any]:
    return {
        "submission_id": str(uuid.uuid4()),
        "day": day,
        "reported_at": clock.now.isoformat(),
        "zone": "Asia/Shanghai",
        "observations": observations or {"stools_per_day": 1},
    }


def anew(person: Person) -> Person:
    """Sign in after the clock has moved: a token does not outlast a quarter of an hour."""
    return staff(person.client.application, "nurse", "S01")


def state(database: Stored, subject_id: str, day: str = TODAY) -> str | None:
    found = database["windows"].find_one({"subject_id": subject_id, "day": day})
    return None if found is None else str(found["state"])


def test_a_window_opens_once_and_goes_late_then_missed(
    nurse: Person, subject_id: str, clock: Clock, process: Process, database: Stored
) -> None:
    assert follow_diaries(process) == 1
    assert follow_diaries(process) == 0
    times = [clock.now]
    clock.now += TO_MIDNIGHT - dt.timedelta(seconds=1)
    assert follow_diaries(process) == 0
    clock.now += dt.timedelta(seconds=1)
    # Yesterday's is late, and today's is open.
    assert follow_diaries(process) == 2
    times.append(clock.now)
    clock.now += DAY
    follow_diaries(process)
    times.append(clock.now)
    nurse = anew(nurse)
    plan = nurse.get(f"/subjects/{subject_id}/diary-plan?until={TODAY}").get_json()
    (window,) = plan["windows"]
    steps = [(step["state"], dt.datetime.fromisoformat(step["at"])) for step in window["steps"]]
    assert steps == list(zip(("due", "late", "missed"), times, strict=True))
    assert window["phase"] == "cycle"
    assert "diarrhea" in window["asks"]
    assert plan["counts"]["missed"] == 1
    assert state(database, subject_id, "2026-03-03") == "late"


def test_a_diary_is_done_or_done_late_and_a_second_version_changes_nothing(
    nurse: Person, subject_id: str, clock: Clock, process: Process, database: Stored
) -> None:
    follow_diaries(process)
    first = nurse.post(f"/subjects/{subject_id}/diaries", diary(clock)).get_json()
    assert state(database, subject_id) == "done"
    nurse.post(f"/subjects/{subject_id}/diaries", diary(clock))
    (window,) = database["windows"].find()
    assert (window["diary_id"], len(window["steps"])) == (first["diary_id"], 2)
    clock.now += 2 * DAY
    follow_diaries(process)
    assert state(database, subject_id, "2026-03-03") == "late"
    nurse = anew(nurse)
    nurse.post(f"/subjects/{subject_id}/diaries", diary(clock, "2026-03-03"))
    assert state(database, subject_id, "2026-03-03") == "done_late"


def test_a_diary_that_came_before_the_clock_opened_its_window_is_done(
    nurse: Person, subject_id: str, clock: Clock, process: Process, database: Stored
) -> None:
    nurse.post(f"/subjects/{subject_id}/diaries", diary(clock))
    follow_diaries(process)
    assert state(database, subject_id) == "done"


def test_windows_begin_with_the_first_diary(
    nurse: Person, subject_id: str, clock: Clock, process: Process, database: Stored
) -> None:
    answer = nurse.post(f"/subjects/{subject_id}/diaries", diary(clock, "2026-02-26"))
    assert answer.status_code == 201, answer.text
    follow_diaries(process)
    days = [*(f"2026-02-{day}" for day in (25, 26, 27, 28)), "2026-03-01", TODAY]
    states = [state(database, subject_id, day) for day in days]
    assert states == [None, "done_late", "missed", "missed", "late", "due"]


def test_days_that_a_clock_slept_through_are_made_up_for(
    subject_id: str, clock: Clock, process: Process, database: Stored
) -> None:
    follow_diaries(process)
    clock.now += 3 * DAY
    follow_diaries(process)
    states = [state(database, subject_id, f"2026-03-0{day}") for day in (2, 3, 4, 5)]
    assert states == ["missed", "missed", "late", "due"]
    clock.now += 60 * DAY
    follow_diaries(process)
    assert database["windows"].count_documents({}) == 4 + 14


def test_without_a_phone_a_diary_is_expected_from_the_first_dose_on(
    nurse: Person, clock: Clock, process: Process, database: Stored
) -> None:
    subject_id = enrolled(nurse)
    assert follow_diaries(process) == 0
    other = enrolled(nurse)
    phone(nurse, other)
    assert follow_diaries(process) == 1
    assert state(database, other) == "due"
    dosed(nurse, subject_id, TODAY)
    assert follow_diaries(process) == 1
    assert state(database, subject_id) == "due"
    clock.now += DAY
    nurse = anew(nurse)
    rev = nurse.get(f"/subjects/{other}").get_json()["rev"]
    left = {"rev": rev, "kind": "off_study", "on": "2026-03-03"}
    assert nurse.post(f"/subjects/{other}/milestones", left).status_code == 201
    follow_diaries(process)
    assert state(database, other, "2026-03-03") is None
    assert state(database, subject_id, "2026-03-03") == "due"


def test_who_travels_keeps_the_day_that_was_open(
    nurse: Person, subject_id: str, process: Process, clock: Clock, database: Stored
) -> None:
    follow_diaries(process)
    body = {"zone": "Europe/Berlin", "rev": 0, "reason": "visits family"}
    changed = nurse.call("PATCH", f"/subjects/{subject_id}", json=body)
    assert changed.status_code == 200, changed.text
    clock.now += TO_MIDNIGHT
    follow_diaries(process)
    # Midnight of Shanghai ends the old one; in Berlin it is still the same day.
    assert state(database, subject_id) == "late"
    assert state(database, subject_id, "2026-03-03") is None
    clock.now += dt.timedelta(hours=7)
    follow_diaries(process)
    found = database["windows"].find_one({"day": "2026-03-03"})
    assert found is not None
    assert (found["zone"], found["opens_at"]) == ("Europe/Berlin", clock.now)


def test_an_excused_day_is_neither_missing_nor_asked_for(
    nurse: Person, subject_id: str, process: Process, clock: Clock, database: Stored
) -> None:
    follow_diaries(process)
    path = f"/subjects/{subject_id}/diary-plan"
    excused = nurse.post(f"{path}/{TODAY}/excuse", {"reason": "in hospital"})
    assert excused.status_code == 200, excused.text
    assert excused.get_json()["steps"][-1]["reason"] == "in hospital"
    assert excused.get_json()["steps"][-1]["by"] == nurse.id
    assert nurse.post(f"{path}/{TODAY}/excuse", {"reason": "again"}).status_code == 409
    assert nurse.post(f"{path}/2026-04-01/excuse", {"reason": "abroad"}).status_code == 404
    assert nurse.post(f"{path}/tomorrow/excuse", {"reason": "abroad"}).status_code == 404
    assert database["audit"].count_documents({"action": "diary:excuse"}) == 1
    clock.now += 2 * DAY
    follow_diaries(process)
    assert state(database, subject_id) == "excused"
    # A diary that comes all the same is worth more than the excuse.
    nurse = anew(nurse)
    nurse.post(f"/subjects/{subject_id}/diaries", diary(clock))
    assert state(database, subject_id) == "done_late"


def test_a_call_is_entered_as_such_by_who_called(
    nurse: Person, subject_id: str, clock: Clock, database: Stored
) -> None:
    answer = nurse.post(f"/subjects/{subject_id}/diaries", diary(clock, stools_per_day=9))
    assert answer.status_code == 201, answer.text
    stored = database["diaries"].find_one({"_id": answer.get_json()["diary_id"]})
    assert stored is not None
    assert (stored["entered_by"], stored["marks"]) == (nurse.id, ["entered_by_staff"])
    # It is graded and alerts as any diary does.
    assert database["alerts"].count_documents({"subject_id": subject_id}) > 0
    own = phone(nurse, subject_id)
    said = own.post("/diaries", diary(clock)).get_json()
    stored = database["diaries"].find_one({"_id": said["diary_id"]})
    assert stored is not None
    assert "entered_by_staff" not in stored["marks"]


def test_compliance_is_listed_by_phase_with_what_is_open_and_excused_apart(
    app: flask.Flask, nurse: Person, subject_id: str, clock: Clock, process: Process
) -> None:
    follow_diaries(process)
    nurse.post(f"/subjects/{subject_id}/diaries", diary(clock))
    for day in ("2026-03-03", "2026-03-04"):
        clock.now += DAY
        follow_diaries(process)
        late = anew(nurse)
        if day == "2026-03-03":
            path = f"/subjects/{subject_id}/diary-plan/{day}/excuse"
            assert late.post(path, {"reason": "in hospital"}).status_code == 200
    clock.now += 3 * DAY
    follow_diaries(process)
    (row,) = anew(nurse).get("/listings/diary-compliance").get_json()["items"]
    counts = {name: row[name] for name in ("expected", "done", "missed", "open", "excused")}
    assert counts == {"expected": 5, "done": 1, "missed": 2, "open": 2, "excused": 1}
    assert (row["phase"], row["percent_done"]) == ("cycle", 33.3)
    assert (row["first_day"], row["last_day"]) == (TODAY, "2026-03-07")
    other = staff(app, "nurse", "S02").get("/listings/diary-compliance").get_json()
    assert other["items"] == []


def test_whoever_said_grade_2_diarrhoea_heads_the_list(
    app: flask.Flask, nurse: Person, clock: Clock, process: Process
) -> None:
    words = {"quiet": 0, "bad": 6, "well": 1}
    numbers = {}
    for name, stools in words.items():
        numbers[name] = enrolled(nurse)
        dosed(nurse, numbers[name], "2026-02-22")
        nurse.post(
            f"/subjects/{numbers[name]}/diaries",
            diary(clock, stools_per_day=stools, incontinence_new=False),
        )
    follow_diaries(process)
    assert nurse.get("/silent-subjects").get_json() == []
    clock.now += 2 * DAY
    follow_diaries(process)
    nurse = staff(app, "nurse", "S01")
    nurse.post(f"/subjects/{numbers['well']}/diaries", diary(clock, "2026-03-04"))
    silent = nurse.get("/silent-subjects").get_json()
    assert [one["subject_id"] for one in silent] == [numbers["bad"], numbers["quiet"]]
    (bad, quiet) = silent
    assert bad["reasons"][0] == "last word: grade 2"
    assert "urgent alerts open: 1" in bad["reasons"]
    assert {"diaries missing in a row: 1", "on treatment", "day 11 of the cycle"} < set(
        bad["reasons"]
    )
    assert bad["score"] == quiet["score"] + 6 + 4
    assert bad["last_day"] == TODAY
    assert staff(app, "nurse", "S02").get("/silent-subjects").get_json() == []


@pytest.mark.usefixtures("subject_id")
def test_a_clock_that_lost_the_lead_opens_nothing(
    build: Callable[..., Process], clock: Clock, database: Stored
) -> None:
    old = build("one")
    clock.now += dt.timedelta(minutes=1)
    assert hold_clock("two", now=clock.now) is not None
    with pytest.raises(FencedError):
        follow_diaries(old)
    assert database["windows"].count_documents({}) == 0
