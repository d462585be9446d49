"""Results over the wire: as reported, with the limits that fit, assessed like a diary, stored once."""

from typing import Any

import flask
import pytest
from pymongo.database import Database

from tests.conftest import Clock
from tests.people import Person, dosed, enrolled, phone, staff

Stored = Database[dict[str, Any]]
COLLECTIONS = ("lab_results", "assessments", "alerts", "adverse_events", "outbox", "audit")


@pytest.fixture
def nurse(app: flask.Flask) -> Person:
    return staff(app, "nurse", "S01")


@pytest.fixture
def subject_id(nurse: Person) -> str:
    return enrolled(nurse)


def result(**changes: object) -> dict[str, Any]:
    return {"analyte": "ALT", "value": 84, "unit": "U/L", **changes}


def report(*results: dict[str, Any], **changes: object) -> dict[str, Any]:
    return {
        "submission_id": "sample-1",
        "collected_at": "2026-03-02T09:30:00+08:00",
        "results": list(results or (result(),)),
        **changes,
    }


def send(person: Person, subject_id: str, body: dict[str, Any]) -> Any:  # noqa: ANN401
    return person.post(f"/subjects/{subject_id}/labs", body)


def sent(person: Person, subject_id: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = send(person, subject_id, body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def pointers(answer: Any) -> set[str]:  # noqa: ANN401
    assert answer.status_code == 422, answer.text
    return {fault["pointer"] for fault in answer.get_json()["errors"]}


def counts(database: Stored) -> dict[str, int]:
    return {name: database[name].count_documents({}) for name in COLLECTIONS}


def assessed(database: Stored, report_id: str) -> dict[str, Any]:
    found = database["assessments"].find_one({"source_id": report_id})
    assert found is not None
    return found


def grades(database: Stored, report_id: str) -> dict[str, int | None]:
    return {grade["term"]: grade["grade"] for grade in assessed(database, report_id)["grades"]}


def test_a_result_is_kept_as_reported_under_the_names_of_analyte_and_unit(
    nurse: Person, subject_id: str
) -> None:
    body = report(
        result(analyte="SGPT", unit="IU/L", uln=45),
        result(analyte="中性粒细胞", value=1.44, unit="G/L"),
        result(analyte="PLT", value=60000, unit="/uL", lln=125000),
        result(analyte="beta-hydroxybutyrate", value=0.2, unit="mM"),
        result(analyte="glucose", value=7.4, unit="mmol/L", fasting=True),
    )
    stored = {one["analyte"]: one for one in sent(nurse, subject_id, body)["results"]}
    said = {
        name: (one["value"], one["unit"], one["unit_reported"], one["limits_from"])
        for name, one in stored.items()
    }
    assert said == {
        "alt": (84, "U/L", "IU/L", "result"),
        "anc": (1.44, "10^9/L", "G/L", "site"),
        "platelets": (60000, "/mm3", "/uL", "result"),
        "ketone": (0.2, "mmol/L", "mM", "none"),
        "glucose": (7.4, "mmol/L", "mmol/L", "site"),
    }
    assert (stored["anc"]["lln"], stored["anc"]["uln"]) == (1.8, None)
    assert (stored["alt"]["lln"], stored["alt"]["uln"]) == (None, 45)
    assert stored["glucose"]["fasting"] is True
    assert stored["glucose"]["day"] == "2026-03-02"
    assert stored["glucose"]["collected_at"] == "2026-03-02T01:30:00+00:00"


def test_it_is_graded_with_the_range_of_the_patients_sex(nurse: Person, database: Stored) -> None:
    for sex, grade in (("female", 0), ("male", 1)):
        number = enrolled(nurse, baseline={"sex": sex})
        stored = sent(nurse, number, report(result(analyte="Hb", value=120, unit="g/L")))
        assert grades(database, stored["report_id"])["Anemia"] == grade


def test_a_report_is_one_assessment_with_its_alerts(
    nurse: Person, subject_id: str, database: Stored
) -> None:
    dosed(nurse, subject_id, "2026-02-23")
    body = report(result(value=412, uln=40), result(analyte="TBIL", value=62, unit="umol/L"))
    stored = sent(nurse, subject_id, body)
    found = assessed(database, stored["report_id"])
    assert found["source_kind"] == "lab"
    assert grades(database, stored["report_id"])["Alanine aminotransferase increased"] == 3
    assert "HYS_LAW" in {flag["id"] for flag in found["flags"]}
    work = {alert["flag_id"]: alert for alert in nurse.get("/alerts").get_json()["items"]}
    assert work["HYS_LAW"]["tier"] == "emergency"
    assert database["outbox"].count_documents({"alert_id": work["HYS_LAW"]["id"]}) == 1
    trail = database["audit"].find_one({"action": "lab:record"})
    assert trail is not None
    assert trail["target"] == f"lab/{stored['report_id']}"


def test_a_repeat_gets_the_first_answer_and_changes_nothing(
    nurse: Person, subject_id: str, database: Stored, clock: Clock
) -> None:
    first = sent(nurse, subject_id, report())
    before = counts(database)
    clock.advance(minutes=5)
    same_moment = report(collected_at="2026-03-02T01:30:00Z")
    again = sent(nurse, subject_id, same_moment)
    assert again == {**first, "repeated": True}
    assert send(nurse, subject_id, report(result(value=85))).status_code == 409
    assert counts(database) == before


def test_what_staff_state_with_the_sample_is_kept_and_read(
    nurse: Person, subject_id: str, database: Stored
) -> None:
    inr = result(analyte="INR", value=3.2, unit="INR", uln=1.2)
    plain = sent(nurse, subject_id, report(inr))
    assert grades(database, plain["report_id"])["INR increased"] == 3
    stated = report(inr, submission_id="sample-2", statements={"on_anticoagulation": True})
    told = sent(nurse, subject_id, stated)
    assert told["results"][0]["statements"] == {"on_anticoagulation": True}
    facts = assessed(database, told["report_id"])["facts"]["values"]
    assert facts["on_anticoagulation"] is True


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (report(result(analyte="no such")), {"/results/0/analyte"}),
        (report(result(unit="furlong")), {"/results/0/unit"}),
        (report(result(unit="g/L")), {"/results/0/unit"}),
        (report(result(value="84")), {"/results/0/value"}),
        (report(result(value=None)), {"/results/0/value"}),
        (report(result(value=True)), {"/results/0/value"}),
        (report(result(value=-1)), {"/results/0/value"}),
        (report(result(analyte="ANC", value=1500, unit="10^9/L")), {"/results/0/value"}),
        (report(result(lln=50, uln=40)), {"/results/0/lln"}),
        (report(result(uln=0)), {"/results/0/uln"}),
        (report(result(fasting=2)), {"/results/0/fasting"}),
        (report(result(note="x")), {"/results/0/note"}),
        (report(result(), result(analyte="GPT")), {"/results/1/analyte"}),
        (report(result(analyte="?"), result(unit="?")), {"/results/0/analyte", "/results/1/unit"}),
        (report(results=[]), {"/results"}),
        (report(collected_at="2026-03-02T08:00:01Z"), {"/collected_at"}),
        (report(collected_at="2016-03-01T08:00:00Z"), {"/collected_at"}),
        (report(collected_at="2026-03-02T08:00:00"), {"/collected_at"}),
        (report(collected_at="yesterday"), {"/collected_at"}),
        (report(submission_id=""), {"/submission_id"}),
        (report(statements={"stools_per_day": 3}), {"/statements/stools_per_day"}),
        (report(statements={"on_anticoagulation": "yes"}), {"/statements/on_anticoagulation"}),
        (report(statements={"on_anticoagulation": {}}), {"/statements/on_anticoagulation/value"}),
    ],
)
def test_a_bad_report_names_each_fault_and_changes_nothing(
    nurse: Person,
    subject_id: str,
    database: Stored,
    body: dict[str, Any],
    expected: set[str],
) -> None:
    before = counts(database)
    assert pointers(send(nurse, subject_id, body)) == expected
    assert counts(database) == before


def test_one_wrong_result_refuses_the_whole_sample(
    nurse: Person, subject_id: str, database: Stored
) -> None:
    assert pointers(send(nurse, subject_id, report(result(), result(analyte="AST", unit="?"))))
    assert database["lab_results"].count_documents({}) == 0


def test_the_day_is_the_patients(nurse: Person) -> None:
    number = enrolled(nurse, zone="Pacific/Honolulu")
    stored = sent(nurse, number, report(collected_at="2026-03-02T01:30:00Z"))
    assert stored["results"][0]["day"] == "2026-03-01"


def test_a_laboratorys_correction_counts_from_then_on(
    nurse: Person, subject_id: str, database: Stored, clock: Clock
) -> None:
    sent(nurse, subject_id, report(result(analyte="PLT", value=20, unit="10^9/L")))
    clock.advance(minutes=5)
    platelets = result(analyte="PLT", value=200, unit="10^9/L")
    sent(nurse, subject_id, report(platelets, submission_id="sample-1-corrected"))
    clock.advance(minutes=5)
    last = sent(nurse, subject_id, report(submission_id="sample-2"))
    labs = assessed(database, last["report_id"])["facts"]["labs"]
    assert labs["platelets"]["value"].to_decimal() == 200


def test_pages_newest_day_first(nurse: Person, subject_id: str) -> None:
    for number in range(1, 6):
        body = report(
            result(value=20 + number),
            submission_id=f"sample-{number}",
            collected_at=f"2026-02-{number:02d}T01:00:00Z",
        )
        sent(nurse, subject_id, body)
    seen: list[float] = []
    cursor = ""
    while True:
        page = nurse.get(f"/subjects/{subject_id}/labs?limit=2{cursor}").get_json()
        seen += [one["value"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [25, 24, 23, 22, 21]


def test_results_are_for_care_and_review(app: flask.Flask, nurse: Person, subject_id: str) -> None:
    assert send(staff(app, "data_manager"), subject_id, report()).status_code == 201
    assert send(staff(app, "nurse", "S02"), subject_id, report()).status_code == 404
    assert send(staff(app, "safety_reviewer"), subject_id, report()).status_code == 403
    assert phone(nurse, subject_id).get(f"/subjects/{subject_id}/labs").status_code == 403
    assert staff(app, "administrator").get(f"/subjects/{subject_id}/labs").status_code == 403
    assert send(nurse, "S01-0099", report()).status_code == 404


def test_todays_result_is_read_with_todays_diary(
    nurse: Person, subject_id: str, database: Stored
) -> None:
    dosed(nurse, subject_id, "2026-02-20")
    patient = phone(nurse, subject_id)
    sent(nurse, subject_id, report(result(analyte="ANC", value=0.4, unit="10^9/L")))
    answer = patient.post(
        "/diaries",
        {
            "submission_id": "6f1c1c52-6a8e-4c7e-9a3e-1f1c7a1f0001",
            "day": "2026-03-02",
            "reported_at": "2026-03-02T15:00:00+08:00",
            "zone": "Asia/Shanghai",
            "vitals": [{"vital": "temperature", "value": 38.4, "unit": "Cel"}],
        },
    )
    found = assessed(database, answer.get_json()["diary_id"])
    assert "FEBRILE_NEUTROPENIA" in {flag["id"] for flag in found["flags"]}
    assert found["study_version"] == nurse.get("/study").get_json()["version"]
