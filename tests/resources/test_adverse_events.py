"""Adverse events: what clinicians say of them, the 24-hour clock, and what an amendment takes back."""

import datetime as dt
import uuid
from typing import Any

import flask
import pytest

from tests.conftest import Clock
from tests.people import Person, dosed, enrolled, judgement, phone, staff

COMPONENTS = ("ql1706", "regorafenib", "capecitabine", "oxaliplatin", "radiotherapy")
DAY = "2026-03-02"


@pytest.fixture
def investigator(app: flask.Flask) -> Person:
    return staff(app, "investigator", "S01")


@pytest.fixture
def subject_id(investigator: Person) -> str:
    number = enrolled(investigator)
    dosed(investigator, number, "2026-01-12")
    return number


@pytest.fixture
def patient(investigator: Person, subject_id: str) -> Person:
    return phone(investigator, subject_id)


def diary(stools: int, day: str = DAY, **changes: object) -> dict[str, Any]:
    return {
        "submission_id": str(uuid.uuid4()),
        "day": day,
        "reported_at": f"{day}T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "observations": {"stools_per_day": stools, "incontinence_new": False},
        **changes,
    }


def sent(patient: Person, body: dict[str, Any]) -> dict[str, Any]:
    answer = patient.post("/diaries", body)
    assert answer.status_code == 201, answer.text
    return body


def diarrhoea(reader: Person) -> dict[str, Any]:
    rows = reader.get("/listings/adverse-events").get_json()["items"]
    found: dict[str, Any] = next(row for row in rows if row["term"] == "Diarrhea")
    return found


def whole(reader: Person, event_id: str) -> dict[str, Any]:
    event: dict[str, Any] = reader.get(f"/adverse-events/{event_id}").get_json()
    return event


def judged(clinician: Person, event_id: str, **changes: object) -> dict[str, Any]:
    rev = whole(clinician, event_id)["rev"]
    body = judgement(COMPONENTS, rev=rev, **changes)
    answer = clinician.post(f"/adverse-events/{event_id}/adjudications", body)
    assert answer.status_code == 201, answer.text
    event: dict[str, Any] = answer.get_json()
    return event


def disagreements(reader: Person) -> list[tuple[str, str | None]]:
    rows = reader.get("/listings/grade-disagreements").get_json()["items"]
    return [(row["term"], row["difference"]) for row in rows]


def test_a_clinicians_grade_stands_beside_the_machines(
    investigator: Person, patient: Person
) -> None:
    sent(patient, diary(10))
    row = diarrhoea(investigator)
    found = judged(investigator, row["id"])
    assert (found["term"], found["worst_grade"]) == ("Diarrhea", 3)
    assert found["adjudications"][0]["signed_as"] == "investigator"
    assert found["adjudications"][0]["event_rev"] == found["rev"] - 1
    again = judged(investigator, row["id"], grade=2, reason="the biopsy was negative")
    assert [said["grade"] for said in again["adjudications"]] == [3, 2]


def test_what_does_not_fit_is_refused_fault_by_fault(investigator: Person, patient: Person) -> None:
    sent(patient, diary(10))
    event_id = diarrhoea(investigator)["id"]
    before = whole(investigator, event_id)
    body = judgement(COMPONENTS, rev=before["rev"], grade=5, aware_at="2030-01-01T00:00:00+00:00")
    body["relations"] = {**body["relations"], "aspirin": "RELATED"}
    del body["actions"]["oxaliplatin"]
    refused = investigator.post(f"/adverse-events/{event_id}/adjudications", body)
    assert refused.status_code == 422
    assert {fault["pointer"] for fault in refused.get_json()["errors"]} == {
        "/outcome",
        "/relations/aspirin",
        "/actions/oxaliplatin",
        "/aware_at",
    }
    assert whole(investigator, event_id) == before


def test_a_serious_event_runs_on_the_work_list_until_its_report_is_recorded(
    investigator: Person, patient: Person, clock: Clock
) -> None:
    sent(patient, diary(10))
    event_id = diarrhoea(investigator)["id"]
    aware = clock.now - dt.timedelta(hours=3)
    event = judged(
        investigator, event_id, seriousness=["hospitalisation"], aware_at=aware.isoformat()
    )
    due = aware + dt.timedelta(hours=24)
    assert dt.datetime.fromisoformat(event["report_by"]) == due
    work = investigator.get("/alerts").get_json()["items"]
    (waiting,) = [alert for alert in work if alert["flag_id"] == "SAE_REPORT"]
    assert dt.datetime.fromisoformat(waiting["report_by"]) == due
    assert waiting["event_id"] == event_id
    early = {"step": "close", "note": "no need", "rev": waiting["rev"]}
    assert investigator.post(f"/alerts/{waiting['id']}/steps", early).status_code == 409

    # Judged again, as not serious: the clock runs on, and there is still one alert.
    event = judged(investigator, event_id, seriousness=[])
    assert dt.datetime.fromisoformat(event["report_by"]) == due
    report = {"sent_at": clock.now.isoformat(), "reference": "SAE-7"}
    ahead = {**report, "sent_at": (clock.now + dt.timedelta(hours=1)).isoformat()}
    path = f"/adverse-events/{event_id}/reports"
    assert investigator.post(path, {**ahead, "rev": event["rev"]}).status_code == 422
    assert investigator.post(path, {**report, "rev": event["rev"] - 1}).status_code == 412
    reported = investigator.post(path, {**report, "rev": event["rev"]})
    assert reported.status_code == 201, reported.text
    assert reported.get_json()["reports"][0]["reference"] == "SAE-7"
    closed = investigator.get(f"/alerts/{waiting['id']}").get_json()
    assert (closed["state"], closed["steps"][-1]["step"]) == ("closed", "close")
    follow_up = {**report, "reference": "SAE-7-1", "rev": reported.get_json()["rev"]}
    assert len(investigator.post(path, follow_up).get_json()["reports"]) == 2


def test_what_a_reviewer_looks_for_first_has_listings_of_its_own(
    investigator: Person, patient: Person, clock: Clock
) -> None:
    def rows(name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = investigator.get(f"/listings/{name}").get_json()["items"]
        return found

    sent(patient, diary(10))
    event_id = diarrhoea(investigator)["id"]
    suspected = {row["id"]: row for row in rows("immune-related-adverse-events")}
    assert rows("serious-adverse-events") == rows("special-interest-adverse-events") == []
    assert all(row["causes"][0] == "ql1706" for row in suspected.values())
    assert {row["basis"] for row in suspected.values()} <= {"leading candidate"}
    aware = clock.now - dt.timedelta(hours=3)
    event = judged(
        investigator, event_id, seriousness=["hospitalisation"], aware_at=aware.isoformat()
    )
    (serious,) = rows("serious-adverse-events")
    assert (serious["criteria"], serious["in_time"]) == (["hospitalisation"], None)
    assert dt.datetime.fromisoformat(serious["report_by"]) == aware + dt.timedelta(hours=24)
    (special,) = rows("special-interest-adverse-events")
    assert (special["special_interest"], special["immune_related"]) == ("Y", "Y")
    immune = {row["id"]: row["basis"] for row in rows("immune-related-adverse-events")}
    assert immune[event_id] == "clinician"
    report = {"sent_at": clock.now.isoformat(), "reference": "SAE-7", "rev": event["rev"]}
    investigator.post(f"/adverse-events/{event_id}/reports", report)
    (serious,) = rows("serious-adverse-events")
    assert serious["in_time"] == "Y"
    assert dt.datetime.fromisoformat(serious["reported_at"]) == clock.now
    # A clinician who says no ends the suspicion; the clock of a serious one is never taken away.
    judged(investigator, event_id, seriousness=[], immune_related=False, special_interest=False)
    assert event_id not in {row["id"] for row in rows("immune-related-adverse-events")}
    assert rows("special-interest-adverse-events") == []
    assert [row["serious"] for row in rows("serious-adverse-events")] == ["N"]


def test_a_report_that_is_overdue_is_listed_as_such(
    investigator: Person, patient: Person, clock: Clock
) -> None:
    sent(patient, diary(10))
    event_id = diarrhoea(investigator)["id"]
    criteria = ["hospitalisation"]
    judged(investigator, event_id, seriousness=criteria, aware_at=clock.now.isoformat())
    clock.now += dt.timedelta(hours=24, seconds=1)
    later = staff(investigator.client.application, "investigator", "S01")
    (row,) = later.get("/listings/serious-adverse-events").get_json()["items"]
    assert (row["in_time"], row["reported_at"]) == ("N", None)


def test_what_nobody_judged_serious_is_not_reported(
    investigator: Person, patient: Person, clock: Clock
) -> None:
    sent(patient, diary(10))
    event = whole(investigator, diarrhoea(investigator)["id"])
    report = {"sent_at": clock.now.isoformat(), "reference": "x", "rev": event["rev"]}
    refused = investigator.post(f"/adverse-events/{event['id']}/reports", report)
    assert refused.status_code == 409


def test_a_clinician_records_what_no_diary_can_tell(investigator: Person, subject_id: str) -> None:
    death = judgement(
        COMPONENTS,
        term="Sudden death NOS",
        grade=5,
        seriousness=["death"],
        outcome="FATAL",
        end=DAY,
    )
    answer = investigator.post(f"/subjects/{subject_id}/adverse-events", death)
    assert answer.status_code == 201, answer.text
    event = answer.get_json()
    assert (event["worst_grade"], event["grades"]) == (None, [])
    assert event["report_by"] is not None
    row = investigator.get("/listings/adverse-events").get_json()["items"][0]
    assert (row["grade"], row["judged_grade"], row["serious"]) == (None, 5, "Y")
    assert disagreements(investigator) == [("Sudden death NOS", "not seen by the machine")]


def test_a_diary_adds_its_grade_to_what_a_clinician_recorded(
    investigator: Person, subject_id: str, patient: Person
) -> None:
    known = judgement(COMPONENTS, term="Diarrhea", grade=2)
    answer = investigator.post(f"/subjects/{subject_id}/adverse-events", known)
    event_id = answer.get_json()["id"]
    sent(patient, diary(10))
    event = whole(investigator, event_id)
    assert (event["worst_grade"], len(event["grades"])) == (3, 1)
    assert event["adjudications"][0]["grade"] == 2


def test_an_amended_diary_takes_its_grade_back_and_it_stays_to_be_read(
    investigator: Person, patient: Person
) -> None:
    sent(patient, diary(4, "2026-02-28"))
    first = sent(patient, diary(10))
    event_id = diarrhoea(investigator)["id"]
    assert whole(investigator, event_id)["worst_grade"] == 3
    typo = {"submission_id": first["submission_id"], "reason": "I meant 3 times"}
    second = sent(patient, diary(3, amends=typo))
    event = whole(investigator, event_id)
    assert event["worst_grade"] == 1
    assert [(seen["grade"], seen["retracted_by"] is None) for seen in event["grades"]] == [
        (1, True),
        (3, False),
        (1, True),
    ]
    # The phone does not know of the second version: it amends the first one again.
    sent(patient, diary(2, amends=typo))
    assert whole(investigator, event_id)["grades"][2]["retracted_by"] is not None
    assert second["submission_id"] != first["submission_id"]


def test_an_event_whose_every_grade_was_retracted_leaves_the_listing_but_not_the_record(
    investigator: Person, patient: Person
) -> None:
    first = sent(patient, diary(10))
    event_id = diarrhoea(investigator)["id"]
    typo = {"submission_id": first["submission_id"], "reason": "I meant none more"}
    sent(patient, diary(1, amends=typo))
    rows = investigator.get("/listings/adverse-events").get_json()["items"]
    assert "Diarrhea" not in {row["term"] for row in rows}
    event = whole(investigator, event_id)
    assert (event["worst_grade"], len(event["grades"])) == (None, 1)
    # A new bad day opens a course of its own.
    sent(patient, diary(10, "2026-03-03"))
    assert diarrhoea(investigator)["id"] != event_id


def test_disagreements_say_how_they_differ(investigator: Person, patient: Person) -> None:
    sent(patient, diary(10))
    event_id = diarrhoea(investigator)["id"]
    assert disagreements(investigator) == []
    expected = {
        ("Diarrhea", 3): None,
        ("Diarrhea", 2): "clinician lower",
        ("Diarrhea", 4): "clinician higher",
        ("Colitis", 3): "another term",
    }
    for (term, grade), difference in expected.items():
        judged(investigator, event_id, term=term, grade=grade)
        found = disagreements(investigator)
        assert found == ([("Diarrhea", difference)] if difference else [])
    page = investigator.get("/listings/grade-disagreements.csv").text
    assert "another term" in page
