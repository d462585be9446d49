"""FHIR resources as fhir.resources reads them, found by patient, date and code, and by nobody else."""

import re
import subprocess
import sys
from importlib import import_module
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient

from backend.fhir.registry import TYPES
from backend.fhir.terminology import CLINICIAN_GRADE, MEDDRA, PROVISIONAL_GRADE
from tests.people import Person, dosed, enrolled, judgement, phone, staff

COMPONENTS = ("ql1706", "regorafenib", "capecitabine", "oxaliplatin", "radiotherapy")
DIARY = {
    "submission_id": "0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0001",
    "day": "2026-03-02",
    "reported_at": "2026-03-02T07:00:00+00:00",
    "zone": "Asia/Shanghai",
    "symptoms": [{"symptom": "abdominal_pain", "frequency": 3, "severity": 0}],
    "vitals": [{"vital": "temperature", "value": 37.4, "unit": "Cel"}],
}


@pytest.fixture
def clinician(app: flask.Flask) -> Person:
    return staff(app, "investigator")


@pytest.fixture
def mobile(clinician: Person, subject: str) -> Person:
    return phone(clinician, subject)


@pytest.fixture
def subject(clinician: Person) -> str:
    """Give a subject of S01 with an event that was judged, a result and a finding; beside one of S02."""
    number = enrolled(clinician)
    dosed(clinician, number, "2026-02-02", "ql1706")
    for place, days in (
        (number, ("2026-02-10", "2026-02-16")),
        (enrolled(clinician, "S02"), ("2026-02-10",)),
    ):
        for day in days:
            labs = {
                "submission_id": f"0b2ff7a4-3f0b-4f0c-9d5a-{place[-4:]}{day.replace('-', '')}",
                "collected_at": f"{day}T08:00:00+08:00",
                "results": [{"analyte": "alt", "value": 35, "unit": "U/L", "uln": 40}],
            }
            answer = clinician.post(f"/subjects/{place}/labs", labs)
            assert answer.status_code == 201, answer.text
    body = judgement(COMPONENTS, onset="2026-02-20", seriousness=["hospitalisation"])
    assert clinician.post(f"/subjects/{number}/adverse-events", body).status_code == 201
    return number


def get(person: Person, path: str) -> Any:  # noqa: ANN401 - an answer
    headers = {"Authorization": f"Bearer {person.token}"}
    return person.client.get(f"/fhir/R5/{path}", headers=headers)


def entries(person: Person, path: str) -> list[dict[str, Any]]:
    answer = get(person, path)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/fhir+json"
    bundle = import_module("fhir.resources.bundle").Bundle.model_validate(answer.get_json())
    assert bundle.type == "searchset"
    return [entry["resource"] for entry in answer.get_json().get("entry", [])]


@pytest.mark.usefixtures("subject")
@pytest.mark.parametrize("kind", list(TYPES))
def test_every_resource_is_one_and_holds_no_arm(
    clinician: Person, mobile: Person, kind: str
) -> None:
    assert mobile.post("/diaries", DIARY).status_code == 201
    found = entries(clinician, kind)
    assert found
    model = getattr(import_module(f"fhir.resources.{TYPES[kind].module}"), kind)
    for resource in found:
        model.model_validate(resource)
        read = get(clinician, f"{kind}/{resource['id']}")
        assert read.get_json() == resource
        for word in ("'arm'", "Arm ", "ComparisonGroup", "2 cycles, radiotherapy"):
            assert word not in str(resource)


def test_an_adverse_event_keeps_three_facts_apart(clinician: Person, subject: str) -> None:
    (event,) = entries(clinician, f"AdverseEvent?patient=Patient/{subject}")
    grades = {each["url"]: each["valueInteger"] for each in event["extension"]}
    assert grades == {CLINICIAN_GRADE: 3}
    assert event["code"]["coding"] == [{"system": MEDDRA, "code": "10009887", "display": "Colitis"}]
    assert event["seriousness"]["coding"][0]["code"] == "serious"
    assert event["occurrencePeriod"] == {"start": "2026-02-20"}
    entity = {
        each["instanceCodeableConcept"]["coding"][0]["code"]: each
        for each in event["suspectEntity"]
    }
    word = entity["ql1706"]["causality"]["entityRelatedness"]["coding"][0]["code"]
    assert word == "POSSIBLY RELATED"


def test_what_nobody_has_judged_has_the_machines_grade_and_no_seriousness(
    clinician: Person, mobile: Person, subject: str
) -> None:
    serious = {**DIARY, "symptoms": [{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}]}
    mobile.post("/diaries", serious)
    found = entries(clinician, f"AdverseEvent?patient={subject}&date=ge2026-03-01")
    (pain,) = [event for event in found if "Abdominal" in str(event["code"])]
    assert pain["status"] == "in-progress"
    assert {each["url"] for each in pain["extension"]} == {PROVISIONAL_GRADE}
    assert "seriousness" not in pain


def test_an_answer_of_none_is_0_and_a_missing_answer_is_absent(
    clinician: Person, mobile: Person, subject: str
) -> None:
    mobile.post("/diaries", DIARY)
    (response,) = entries(clinician, f"QuestionnaireResponse?subject={subject}")
    (group,) = response["item"]
    answers = {item["linkId"]: item["answer"][0]["valueInteger"] for item in group["item"]}
    assert answers == {"abdominal_pain_frequency": 3, "abdominal_pain_severity": 0}
    questions = entries(clinician, "Questionnaire")[0]
    asked = {item["linkId"] for group in questions["item"] for item in group["item"]}
    assert set(answers) < asked


def test_an_amended_diary_leaves_its_first_version_as_entered_in_error(
    clinician: Person, mobile: Person, subject: str
) -> None:
    first = mobile.post("/diaries", DIARY).get_json()["diary_id"]
    again = {
        **DIARY,
        "submission_id": "0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0002",
        "amends": {"submission_id": DIARY["submission_id"], "reason": "a slip of the finger"},
    }
    answer = mobile.post("/diaries", again)
    assert answer.status_code == 201, answer.text
    found = entries(clinician, f"QuestionnaireResponse?patient={subject}")
    assert {each["id"]: each["status"] for each in found} == {
        first: "entered-in-error",
        answer.get_json()["diary_id"]: "amended",
    }


def test_a_finding_with_a_long_name_has_an_id_that_fhir_allows(
    clinician: Person, subject: str
) -> None:
    body = {
        "submission_id": "0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0009",
        "observed_at": "2026-03-02T07:00:00+00:00",
        "values": {"inter_limb_discrepancy_percent": 12, "steroid_taper_organ": "none"},
    }
    answer = clinician.post(f"/subjects/{subject}/findings", body)
    assert answer.status_code == 201, answer.text
    found = entries(clinician, f"Observation?patient={subject}&date=2026-03-02")
    codes = {each["code"]["coding"][0]["code"]: each for each in found}
    assert codes.keys() == set(body["values"])
    assert codes["inter_limb_discrepancy_percent"]["valueQuantity"]["value"] == 12
    assert codes["steroid_taper_organ"]["valueString"] == "none"
    # fhir.resources lets longer ones pass (R5, 2.1.29.0.1, id).
    assert all(re.fullmatch(r"[A-Za-z0-9.-]{1,64}", each["id"]) for each in found)
    again = entries(clinician, f"Observation?patient={subject}&date=2026-03-02")
    assert [each["id"] for each in again] == [each["id"] for each in found]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", ["2026-02-10", "2026-02-16"]),
        ("&date=2026-02-10", ["2026-02-10"]),
        ("&date=ge2026-02-11", ["2026-02-16"]),
        ("&date=gt2026-02-10&date=lt2026-02-16", []),
        ("&date=le2026-02-10", ["2026-02-10"]),
        ("&date=ne2026-02-10", ["2026-02-16"]),
        ("&date=2026-02", ["2026-02-10", "2026-02-16"]),
        ("&date=gt2026-02", []),
        ("&date=2026", ["2026-02-10", "2026-02-16"]),
        ("&code=alt", ["2026-02-10", "2026-02-16"]),
        ("&code=urn:pro-ae:analyte|alt,x", ["2026-02-10", "2026-02-16"]),
        ("&code=urn:pro-ae:vital|alt", []),
    ],
)
def test_search_by_date_and_code(
    clinician: Person, subject: str, query: str, days: list[str]
) -> None:
    found = entries(clinician, f"Observation?patient={subject}{query}")
    assert [each["effectiveDateTime"][:10] for each in found] == days


@pytest.mark.usefixtures("subject")
def test_pages_give_each_resource_once(clinician: Person) -> None:
    whole = [each["id"] for each in entries(clinician, "Observation")]
    assert len(whole) == 3
    found, path = [], "Observation?_count=1"
    while path:
        body = get(clinician, path).get_json()
        found += [entry["resource"]["id"] for entry in body.get("entry", [])]
        links = {link["relation"]: link["url"] for link in body["link"]}
        path = links.get("next", "")
    assert found == whole


@pytest.mark.parametrize(
    "path",
    [
        "Observation?colour=red",
        "Observation?date=yesterday",
        "Observation?date=2026-13",
        "Observation?_count=0",
        "Observation?_cursor=nonsense",
        "ResearchSubject?code=x",
    ],
)
def test_what_cannot_be_searched_for_is_an_operation_outcome(clinician: Person, path: str) -> None:
    answer = get(clinician, path)
    assert answer.status_code == 400
    outcome = import_module("fhir.resources.operationoutcome").OperationOutcome
    assert outcome.model_validate(answer.get_json()).issue[0].severity == "error"


def test_nobody_sees_what_is_not_theirs(
    app: flask.Flask, clinician: Person, mobile: Person, subject: str, client: FlaskClient
) -> None:
    elsewhere = staff(app, "nurse", "S02")
    for kind in ("Observation", "AdverseEvent", "ResearchSubject", "Patient"):
        assert all(subject not in str(each) for each in entries(elsewhere, kind))
    assert entries(elsewhere, f"Observation?patient={subject}") == []
    (event,) = entries(clinician, f"AdverseEvent?patient={subject}")
    assert get(elsewhere, f"AdverseEvent/{event['id']}").status_code == 404
    # A patient reads the own diary, not the results and not another's.
    mobile.post("/diaries", DIARY)
    assert len(entries(mobile, "QuestionnaireResponse")) == 1
    assert entries(mobile, "QuestionnaireResponse?patient=S02-0001") == []
    assert [each["id"] for each in entries(mobile, "ResearchSubject")] == [subject]
    refused = get(mobile, "Observation")
    assert (refused.status_code, refused.get_json()["issue"][0]["code"]) == (403, "forbidden")
    anybody = client.get("/fhir/R5/Observation")
    assert (anybody.status_code, anybody.get_json()["resourceType"]) == (401, "OperationOutcome")


def test_the_capability_statement_promises_what_works(
    client: FlaskClient, clinician: Person
) -> None:
    said = client.get("/fhir/R5/metadata").get_json()
    import_module("fhir.resources.capabilitystatement").CapabilityStatement.model_validate(said)
    values = {"reference": "S01-0001", "token": "x", "date": "2026"}
    promised = {each["type"]: each["searchParam"] for each in said["rest"][0]["resource"]}
    assert promised.keys() == TYPES.keys()
    for kind, parameters in promised.items():
        for parameter in parameters:
            query = f"{parameter['name']}={values[parameter['type']]}"
            assert get(clinician, f"{kind}?{query}").status_code == 200, query


def test_it_is_read_only(clinician: Person) -> None:
    headers = {"Authorization": f"Bearer {clinician.token}"}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = clinician.client.open("/fhir/R5/Observation", method=method, headers=headers)
        assert answer.status_code == 405


def test_no_heavy_library_is_loaded_at_the_start() -> None:
    heavy = ("fhir", "pandas", "matplotlib", "statsmodels", "scipy", "odmlib", "pyreadstat")
    code = f"import sys, backend.app; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
