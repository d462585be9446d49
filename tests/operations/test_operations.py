"""Health, metrics, logs and headers: what an operator sees, and what nobody may see."""

import datetime as dt
import json
import logging

import flask
import pytest
from flask.testing import FlaskClient

from backend.context import Context
from backend.services.lease import hold_clock
from backend.services.migration_lock import migration_lock
from backend.services.schema import plan, take
from backend.services.study import keep_study
from tests.conftest import Clock
from tests.people import enrolled, phone, staff


def test_livez_answers(client: FlaskClient) -> None:
    assert client.get("/livez").get_json() == {"status": "ok"}


def test_readyz_names_each_check(app: flask.Flask, client: FlaskClient, clock: Clock) -> None:
    without = client.get("/readyz")
    assert (without.status_code, without.get_json()["checks"]["clock"]) == (503, "failed")
    assert without.get_json()["checks"]["study"] == "failed"
    here: Context = app.extensions["backend"]
    keep_study(here.config.study_file, here.study, now=clock.now)
    assert without.get_json()["checks"]["schema"] == "failed"
    with migration_lock("test", clock=clock, patience=dt.timedelta(0)) as lock:
        for move in plan():
            take(move, config=here.config, lock=lock, clock=clock, ids=here.ids)
    hold_clock("test", now=clock.now)
    found = client.get("/readyz")
    assert found.status_code == 200, found.text
    checks = {"database", "indexes", "schema", "ruleset", "study", "restore", "clock"}
    assert set(found.get_json()["checks"]) == checks


def test_a_missing_index_is_not_ready(client: FlaskClient, clock: Clock) -> None:
    from backend.db import database  # noqa: PLC0415 - beside what it breaks
    from backend.models.indexes import migrate  # noqa: PLC0415

    hold_clock("test", now=clock.now)
    database()["alerts"].drop_index("alert_queue")
    try:
        assert client.get("/readyz").get_json()["checks"]["indexes"] == "failed"
    finally:
        migrate()
    assert client.get("/readyz").get_json()["checks"]["indexes"] == "ok"


def test_metrics_are_for_this_machine_or_a_token(client: FlaskClient) -> None:
    client.get("/livez")
    found = client.get("/metrics")
    assert 'http_requests_total{method="GET",route="/livez",status="200"}' in found.text
    assert 'open_alerts{tier="emergency"} 0.0' in found.text
    refused = client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert refused.status_code == 403


def test_every_answer_has_the_headers_and_the_request_id(client: FlaskClient) -> None:
    given = client.get("/livez", headers={"X-Request-ID": "a-good-id-1"})
    assert given.headers["X-Request-ID"] == "a-good-id-1"
    assert given.headers["Cache-Control"] == "no-store"
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    made = client.get("/livez", headers={"X-Request-ID": "x\t{}"})
    assert len(made.headers["X-Request-ID"]) == 36


def test_the_log_of_a_diary_holds_nothing_of_it(
    app: flask.Flask, caplog: pytest.LogCaptureFixture
) -> None:
    nurse = staff(app, "nurse", "S01")
    subject_id = enrolled(nurse)
    patient = phone(nurse, subject_id)
    body = {
        "submission_id": "0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0001",
        "day": "2026-03-02",
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [{"symptom": "abdominal_pain", "frequency": 4, "severity": 4}],
        "free_text": "a secret word",
    }
    with caplog.at_level(logging.DEBUG):
        receipt = patient.post("/diaries", body).get_json()
        patient.get(f"/subjects/{subject_id}/diaries")
        nurse.get(f"/diaries/{receipt['diary_id']}/assessment")
    lines = [json.dumps(record.__dict__, default=str) for record in caplog.records]
    routes = {record.__dict__.get("route") for record in caplog.records}
    assert "/api/v1/subjects/<string:subject_id>/diaries" in routes
    for word in (subject_id, "abdominal_pain", "secret", receipt["diary_id"], patient.token):
        assert not [line for line in lines if word in line]


def test_the_documentation_is_served_from_our_own_files(client: FlaskClient) -> None:
    with client.get("/api/v1/docs") as page:
        assert page.status_code == 200
        assert "://" not in page.text
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "page.js", "page.css"):
        with client.get(f"/api/v1/docs/{name}") as file:
            assert file.status_code == 200
    assert client.get("/api/v1/docs/README.md").status_code == 404
    assert client.get("/api/v1/docs/../../../wsgi.py").status_code == 404


def test_the_document_is_openapi_3_1_and_names_its_errors(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    assert document["security"] == [{"bearer": []}]
    error = document["components"]["responses"]["DEFAULT_ERROR"]
    assert list(error["content"]) == ["application/problem+json"]
    assert "/api/v1/diaries" in document["paths"]
