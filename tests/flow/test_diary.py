"""A diary's way: from the phone to grade, flag, alert, owed push, answer and listing."""

import uuid
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.models.private_text import find_text, opened
from tests.conftest import Clock
from tests.people import Person, dosed, enrolled, phone, staff

Stored = Database[dict[str, Any]]


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    number = enrolled(nurse)
    dosed(nurse, number, "2026-01-12")
    return number


@pytest.fixture
def patient(nurse: Person, subject_id: str) -> Person:
    return phone(nurse, subject_id)


def diary(day: str = "2026-03-02", **changes: object) -> dict[str, Any]:
    return {
        "submission_id": str(uuid.uuid4()),
        "day": day,
        "reported_at": f"{day}T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}],
        "observations": {
            "stools_per_day": 10,
            "incontinence_new": False,
            "rectal_bleeding": "moderate",
            "bleeding_change": "new",
        },
        "vitals": [
            {"vital": "temperature", "value": 37.2, "unit": "Cel"},
            {"vital": "systolic_bp", "value": 118, "unit": "mm[Hg]"},
            {"vital": "diastolic_bp", "value": 74, "unit": "mm[Hg]"},
        ],
        **changes,
    }


def counts(database: Stored) -> dict[str, int]:
    names = ("diaries", "assessments", "alerts", "adverse_events", "outbox", "audit")
    return {name: database[name].count_documents({}) for name in names}


def test_the_whole_way(
    nurse: Person, patient: Person, subject_id: str, app: flask.Flask, database: Stored
) -> None:
    sent = diary()
    answer = patient.post("/diaries", sent)
    assert answer.status_code == 201, answer.text
    receipt = answer.get_json()
    assert receipt["submission_id"] == sent["submission_id"]
    assert receipt["next_step"]["kind"] == "emergency"

    assessment = nurse.get(f"/diaries/{receipt['diary_id']}/assessment").get_json()
    grades = {grade["term"]: grade["grade"] for grade in assessment["grades"]}
    assert grades["Diarrhea"] == 3
    flags = {flag["id"]: flag for flag in assessment["flags"]}
    assert {"DIARRHOEA", "COLITIS_SUSPECT", "RECTAL_BLEEDING"} <= flags.keys()
    assert flags["COLITIS_SUSPECT"]["causes"][0]["component"] == "ql1706"
    assert assessment["irae"]["level"] == "suspected"

    work = nurse.get("/alerts").get_json()["items"]
    assert {alert["flag_id"] for alert in work} == flags.keys()
    assert work[0]["tier"] == "emergency"
    owed = list(database["outbox"].find({"alert_id": work[0]["id"]}))
    assert [entry["recipient_id"] for entry in owed] == [nurse.id]
    assert set(owed[0]["message"]) == {"kind", "locale", "id", "v", "tier"}

    steps = f"/alerts/{work[0]['id']}/steps"
    taken = nurse.post(steps, {"step": "acknowledge", "rev": work[0]["rev"]}).get_json()
    assert (taken["state"], taken["acknowledged_by"]) == ("acknowledged", nurse.id)
    closed = nurse.post(
        steps, {"step": "close", "note": "admitted for endoscopy", "rev": taken["rev"]}
    ).get_json()
    assert closed["state"] == "closed"
    assert [step["step"] for step in closed["steps"]] == ["raised", "acknowledge", "close"]

    reviewer = staff(app, "safety_reviewer")
    listed = reviewer.get("/listings/adverse-events").get_json()["items"]
    diarrhoea = next(row for row in listed if row["term"] == "Diarrhea")
    assert diarrhoea["subject_id"] == subject_id
    assert diarrhoea["meddra_code"] == "10012727"
    assert (diarrhoea["grade"], diarrhoea["onset"], diarrhoea["end"]) == (3, "2026-03-02", None)
    assert "DIARRHOEA" in diarrhoea["flags"]
    assert "arm" not in diarrhoea


def test_a_repeat_gets_the_first_receipt_and_changes_nothing(
    patient: Person, database: Stored, clock: Clock
) -> None:
    sent = diary()
    first = patient.post("/diaries", sent)
    before = counts(database)
    clock.advance(minutes=5)
    again = patient.post("/diaries", {**sent, "sent_at": "2026-03-02T08:05:00+00:00"})
    assert again.get_json() == first.get_json()
    assert counts(database) == before


def test_the_same_id_with_another_body_is_refused(patient: Person, database: Stored) -> None:
    sent = diary()
    patient.post("/diaries", sent)
    before = counts(database)
    answer = patient.post("/diaries", {**sent, "free_text": "another"})
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert counts(database) == before


def test_a_bad_diary_changes_nothing_and_names_each_fault(
    patient: Person, database: Stored
) -> None:
    before = counts(database)
    answer = patient.post(
        "/diaries",
        diary(
            symptoms=[{"symptom": "no_such", "severity": 1}],
            observations={"stools_per_day": 400, "what": 1},
            vitals=[{"vital": "temperature", "value": 38, "unit": "K"}],
        ),
    )
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.get_json()["errors"]} == {
        "/symptoms/0/symptom",
        "/observations/stools_per_day",
        "/observations/what",
        "/vitals/0/unit",
    }
    assert counts(database) == before


def test_a_future_day_is_refused_and_a_skewed_clock_is_marked(patient: Person) -> None:
    refused = patient.post("/diaries", diary("2026-03-04"))
    assert [fault["pointer"] for fault in refused.get_json()["errors"]] == ["/day"]
    ahead = patient.post("/diaries", diary(reported_at="2026-03-02T09:30:00+00:00"))
    assert ahead.get_json()["marks"] == ["clock_skewed"]


def test_a_batch_has_a_result_per_item(patient: Person) -> None:
    good, bad = diary("2026-03-01"), diary(zone="Mars/Olympus")
    answer = patient.post("/diaries/batch", {"items": [bad, good, good]})
    results = answer.get_json()["items"]
    assert [result["status"] for result in results] == [422, 201, 201]
    assert results[0]["problem"]["errors"][0]["pointer"] == "/zone"
    assert results[1]["receipt"] == results[2]["receipt"]


def test_an_amendment_is_a_new_version_and_the_first_stays(
    nurse: Person, patient: Person, subject_id: str
) -> None:
    first = diary()
    patient.post("/diaries", first)
    second = diary(
        observations={"stools_per_day": 3},
        amends={"submission_id": first["submission_id"], "reason": "typed 10, meant 3"},
    )
    receipt = patient.post("/diaries", second).get_json()
    assert (receipt["version"], receipt["marks"]) == (2, ["amended"])
    stored = nurse.get(f"/subjects/{subject_id}/diaries").get_json()["items"]
    assert [(one["version"], one["superseded"]) for one in stored] == [(2, False), (1, True)]
    assert stored[1]["answers"]["stools_per_day"] == 10


def test_a_field_of_a_newer_app_is_kept_and_named(patient: Person, database: Stored) -> None:
    receipt = patient.post("/diaries", diary(mood_photo="later")).get_json()
    assert receipt["unread_fields"] == ["mood_photo"]
    stored = database["diaries"].find_one({"_id": receipt["diary_id"]})
    assert stored is not None
    # It can be words: it is sealed with them.
    assert "mood_photo" not in stored["payload"]
    text = find_text(stored["private"])
    assert text is not None
    assert opened(text) == {"unread": '{"mood_photo":"later"}'}


def test_the_same_cause_rings_once_and_a_worse_one_again(
    nurse: Person, patient: Person, clock: Clock, database: Stored
) -> None:
    def stools(day: str, number: int) -> None:
        sent = diary(day, symptoms=[], vitals=[], observations={"stools_per_day": number})
        assert patient.post("/diaries", sent).status_code == 201

    def diarrhoea() -> dict[str, Any]:
        work = nurse.get("/alerts").get_json()["items"]
        return next(alert for alert in work if alert["flag_id"] == "DIARRHOEA")

    stools("2026-03-01", 3)
    assert (diarrhoea()["tier"], database["outbox"].count_documents({})) == ("routine", 0)
    stools("2026-03-02", 7)
    worse = diarrhoea()
    assert (worse["tier"], worse["state"]) == ("urgent", "new")
    rung = database["outbox"].count_documents({"alert_id": worse["id"]})
    assert rung == 1
    clock.advance(minutes=10)
    stools("2026-03-02", 7)
    assert diarrhoea()["steps"][-1]["step"] == "hold"
    assert database["outbox"].count_documents({"alert_id": worse["id"]}) == rung


def test_an_answered_alert_is_not_rung_any_more(
    nurse: Person, patient: Person, database: Stored
) -> None:
    patient.post("/diaries", diary())
    for alert in nurse.get("/alerts").get_json()["items"]:
        body = {"step": "acknowledge", "rev": alert["rev"]}
        assert nurse.post(f"/alerts/{alert['id']}/steps", body).status_code == 200
    assert database["outbox"].count_documents({"state": "due"}) == 0


def test_steps_need_the_right_state_revision_and_note(nurse: Person, patient: Person) -> None:
    patient.post("/diaries", diary())
    alert = nurse.get("/alerts").get_json()["items"][0]
    steps = f"/alerts/{alert['id']}/steps"
    assert nurse.post(steps, {"step": "close", "rev": alert["rev"]}).status_code == 422
    assert nurse.post(steps, {"step": "acknowledge", "rev": 7}).status_code == 412
    acknowledged = nurse.post(steps, {"step": "acknowledge", "rev": alert["rev"]}).get_json()
    again = {"step": "acknowledge", "rev": acknowledged["rev"]}
    assert nurse.post(steps, again).status_code == 409


def test_the_next_step_is_in_the_patients_language(nurse: Person) -> None:
    number = enrolled(nurse, language="zh")
    receipt = phone(nurse, number).post("/diaries", diary()).get_json()
    assert "急" in receipt["next_step"]["text"]


def test_two_diaries_at_once_open_one_alert(
    app: flask.Flask, patient: Person, database: Stored
) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    def send(day: str) -> int:
        return (
            Person(app.test_client(), patient.token, patient.id)
            .post("/diaries", diary(day))
            .status_code
        )

    with ThreadPoolExecutor(6) as pool:
        days = [f"2026-02-{number}" for number in range(22, 28)]
        assert list(pool.map(send, days)) == [201] * 6
    per_cause = database["alerts"].aggregate([{"$group": {"_id": "$flag_id", "n": {"$sum": 1}}}])
    assert {row["n"] for row in per_cause} == {1}
    courses = database["adverse_events"].aggregate([{"$group": {"_id": "$term", "n": {"$sum": 1}}}])
    assert {row["n"] for row in courses} == {1}


def test_a_lab_report_tells_the_same_story(nurse: Person, subject_id: str) -> None:
    report = {
        "submission_id": "panel-1",
        "collected_at": "2026-03-02T01:00:00+00:00",
        "results": [
            {"analyte": "ALT", "value": 160, "unit": "U/L", "uln": 40},
            {"analyte": "TBIL", "value": 49, "unit": "umol/L"},
        ],
    }
    answer = nurse.post(f"/subjects/{subject_id}/labs", report)
    assert answer.status_code == 201, answer.text
    stored = {result["analyte"]: result for result in answer.get_json()["results"]}
    assert stored["bilirubin"]["limits_from"] == "site"
    work = {alert["flag_id"]: alert["tier"] for alert in nurse.get("/alerts").get_json()["items"]}
    assert work["HYS_LAW"] == "emergency"
    again = nurse.post(f"/subjects/{subject_id}/labs", report).get_json()
    assert again["repeated"] is True
    changed = {**report, "collected_at": "2026-03-01T01:00:00+00:00"}
    assert nurse.post(f"/subjects/{subject_id}/labs", changed).status_code == 409


def test_last_weeks_blood_count_is_not_graded_again_by_todays_diary(
    nurse: Person, patient: Person, subject_id: str
) -> None:
    report = {
        "submission_id": "panel-2",
        "collected_at": "2026-03-01T01:00:00+00:00",
        "results": [{"analyte": "platelets", "value": 60, "unit": "10^9/L"}],
    }
    nurse.post(f"/subjects/{subject_id}/labs", report)
    receipt = patient.post("/diaries", diary(symptoms=[], observations={})).get_json()
    found = nurse.get(f"/diaries/{receipt['diary_id']}/assessment").get_json()
    assert "THROMBOCYTOPENIA" not in {flag["id"] for flag in found["flags"]}
    assert "Platelet count decreased" not in {grade["term"] for grade in found["grades"]}


def test_yesterdays_diarrhoea_is_not_flagged_again_by_todays_blood_count(
    nurse: Person, patient: Person, subject_id: str, database: Stored
) -> None:
    for day in ("2026-02-28", "2026-03-01", "2026-03-02"):
        loose = diary(day, symptoms=[], vitals=[], observations={"stools_per_day": 4})
        assert patient.post("/diaries", loose).status_code == 201
    report = {
        "submission_id": "panel-3",
        "collected_at": "2026-03-02T01:00:00+00:00",
        "results": [{"analyte": "ALT", "value": 160, "unit": "U/L"}],
    }
    assert nurse.post(f"/subjects/{subject_id}/labs", report).status_code == 201
    found = database["assessments"].find_one({"source_kind": "lab"})
    assert found is not None
    assert "diarrhoea_days" in found["facts"]["values"]
    assert [flag["id"] for flag in found["flags"] if flag["domain"] == "GI"] == []


def test_a_laboratorys_file_has_a_report_per_row(nurse: Person, subject_id: str) -> None:
    rows = [
        "subject_id;collected_at;analyte;value;unit;uln",
        f"{subject_id};2026-03-01T08:00:00+08:00;ALT;44;U/L;40",
        f"{subject_id};2026-03-01T08:00:00+08:00;ALT;44;stones;40",
        "S02-0001;2026-03-01T08:00:00+08:00;ALT;44;U/L;40",
        f"{subject_id};2026-03-01T08:00:00+08:00;ALT;44;U/L;40",
        f"{subject_id};yesterday;ALT;44;U/L;40",
    ]
    answer = nurse.call(
        "POST", "/labs/csv", data="\ufeff" + "\r\n".join(rows), content_type="text/csv"
    )
    report = answer.get_json()
    outcomes = [(row["line"], row["outcome"], row["column"]) for row in report["rows"]]
    assert outcomes == [
        (2, "accepted", None),
        (3, "refused", "unit"),
        (4, "refused", "subject_id"),
        (5, "repeated", None),
        (6, "refused", "collected_at"),
    ]
    assert (report["accepted"], report["repeated"], report["refused"]) == (1, 1, 3)


def test_csv_has_the_arm_only_for_the_unblinded(app: flask.Flask, patient: Person) -> None:
    patient.post("/diaries", diary())
    blinded = staff(app, "safety_reviewer").get("/listings/adverse-events.csv")
    reviewer = staff(app, "safety_reviewer", unblinded=True)
    # Not by looking alone: it takes a reason.
    assert "arm" not in reviewer.get("/listings/adverse-events.csv").text.splitlines()[0].split(",")
    asked = {"reason": "meeting of the monitoring committee", "format": "csv"}
    unblinded = reviewer.post("/listings/adverse-events/unblinded", asked)
    assert "arm" not in blinded.text.splitlines()[0].split(",")
    header = unblinded.text.splitlines()[0].split(",")
    assert "arm" in header
    assert "-unblinded.csv" in unblinded.headers["Content-Disposition"]
    rows = [
        dict(zip(header, line.split(","), strict=False)) for line in unblinded.text.splitlines()[1:]
    ]
    assert {row["arm"] for row in rows} == {"A"}
