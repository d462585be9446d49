"""Bad input: a clear problem with a request id and a pointer per fault; nothing is changed."""

from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.people import Person, enrolled, phone, staff

Stored = Database[dict[str, Any]]


@pytest.fixture
def patient(app: flask.Flask) -> Person:
    nurse = staff(app, "nurse", "S01")
    return phone(nurse, enrolled(nurse))


def everything(database: Stored) -> dict[str, int]:
    # That somebody asked is counted whatever they asked.
    names = set(database.list_collection_names()) - {"request_counts"}
    return {name: database[name].count_documents({}) for name in names}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 400),
        (b'{"day": ', "application/json", 400),
        (b'{"free_text": "\xff\xfe"}', "application/json", 400),
        (b'{"vitals": [{"value": NaN}]}', "application/json", 400),
        (b"[" * 2000 + b"]" * 2000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'"diary"', "application/json", 422),
        (b"null", "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"day": ' + b"[" * 400 + b"]" * 400 + b"}", "application/json", 400),
        (b'{"submission_id": 7, "day": 7, "reported_at": 7, "zone": 7}', "application/json", 422),
        (b'{"day": "2026-13-01", "zone": "Mars"}', "application/json", 422),
        (
            b'{"day": "9999-12-31", "reported_at": "0001-01-01T00:00:00+14:00"}',
            "application/json",
            422,
        ),
    ],
)
def test_a_body_that_is_no_diary(
    patient: Person, database: Stored, body: bytes, content_type: str, status: int
) -> None:
    before = everything(database)
    answer = patient.call("POST", "/diaries", data=body, content_type=content_type)
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert everything(database) == before


def test_a_body_that_is_too_large(patient: Person, database: Stored) -> None:
    before = everything(database)
    body = b'{"free_text": "' + b"x" * 2_000_000 + b'"}'
    answer = patient.call("POST", "/diaries", data=body, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
    assert everything(database) == before


def test_each_fault_has_its_pointer(patient: Person) -> None:
    answer = patient.post(
        "/diaries",
        {
            "submission_id": "no",
            "day": "02/03/2026",
            "reported_at": "2026-03-02T07:00:00",
            "zone": "Asia/Shanghai",
            "symptoms": [{"symptom": "acne", "severity": 5}, {"symptom": "acne", "what": 1}],
            "vitals": [{"vital": "pulse", "value": "70", "unit": "/min"}],
        },
    )
    pointers = {fault["pointer"] for fault in answer.get_json()["errors"]}
    assert pointers == {
        "/submission_id",
        "/day",
        "/reported_at",
        "/symptoms/0/severity",
        "/symptoms/1/what",
        "/vitals/0/value",
    }


def test_a_method_that_is_not_there_names_those_that_are(client: FlaskClient) -> None:
    answer = client.delete("/api/v1/diaries")
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert "POST" in answer.headers["Allow"]


def test_a_path_that_is_not_there(client: FlaskClient) -> None:
    answer = client.get("/api/v1/no-such-thing")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_without_a_token_it_says_how_to_come_in(client: FlaskClient) -> None:
    answer = client.get("/api/v1/alerts")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("text", ["{'$gt': ''}", "$where", "S01-0001'; drop", "..%2f..%2f"])
def test_a_subjects_number_is_text_and_never_a_query(app: flask.Flask, text: str) -> None:
    answer = staff(app, "nurse", "S01").get(f"/subjects/{text}")
    assert answer.status_code == 404
