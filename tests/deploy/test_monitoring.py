"""Dashboard and alert rules: every metric and label that they name is one that `/metrics` exports."""

import json
import re
from collections.abc import Mapping
from typing import Any

import flask
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from backend.models.job_run import JobRun, keep_run
from backend.services.lease import hold_clock
from jobs.clock import JOBS
from tests.conftest import Clock
from tests.deploy.files import DEPLOY, ROOT
from tests.people import enrolled, phone, staff

RULES = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
BOARD = json.loads(
    (DEPLOY / "grafana" / "dashboards" / "operations.json").read_text(encoding="utf-8")
)
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
# What Prometheus itself adds to what it scrapes.
ADDED = {"job", "instance", "exported_job", "le"}
WORDS = {"sum", "rate", "by", "on", "and", "or", "increase", "changes", "absent", "time", "le"}


def expressions() -> list[str]:
    shown = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
    return [*(rule["expr"] for rule in ALERTS), *shown]


def selectors(expression: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give each metric of an expression with its labels and what they are compared with."""
    bare = re.sub(r"\b(by|on|without) \([^)]*\)", "", expression)
    found = re.findall(r"([a-z_]+)\b(?!\()(?:\{([^}]*)\})?", re.sub(r"\[[^\]]*\]", "", bare))
    return [
        (name, re.findall(r'(\w+)=~?"([^"]*)"', inside))
        for name, inside in found
        if "_" in name or inside
    ]


@pytest.fixture
def exported(app: flask.Flask, clock: Clock) -> Mapping[str, dict[str, set[str]]]:
    """Give every sample's name with its labels and their values, of a system that has worked."""
    nurse = staff(app, "nurse", "S01")
    patient = phone(nurse, enrolled(nurse))
    diary: dict[str, Any] = {
        "submission_id": "0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0001",
        "day": "2026-03-02",
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}],
        "observations": {
            "stools_per_day": 9,
            "rectal_bleeding": "moderate",
            "bleeding_change": "new",
        },
    }
    assert patient.post("/diaries", diary).status_code == 201
    (alert, *_) = nurse.get("/alerts").get_json()["items"]
    step = {"step": "acknowledge", "rev": 0}
    assert nurse.post(f"/alerts/{alert['id']}/steps", step).status_code == 200
    hold_clock("test", now=clock.now)
    for job in JOBS:
        keep_run(JobRun(job.name, "test", clock.now, 0.1, 0.0, 0, clock.now))
    text = app.test_client().get("/metrics").text
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


def test_every_metric_and_label_is_exported(
    app: flask.Flask,
    exported: Mapping[str, Mapping[str, set[str]]],
) -> None:
    told = 0
    for expression in expressions():
        for name, labels in selectors(expression):
            if name in WORDS | {"histogram_quantile", "up"}:
                continue
            assert name in exported, f"{name} in {expression}"
            told += 1
            for label, value in labels:
                own = "job" if label == "exported_job" else label
                assert own in exported[name], f"{label} of {name}"
                # A status that did not happen here and a message given up are said by the code.
                if label == "route":
                    assert value in {rule.rule for rule in app.url_map.iter_rules()}
                if label in {"tier", "method"}:
                    assert value in exported[name][own], f'{name}{{{label}="{value}"}}'
                if label == "exported_job":
                    assert set(value.split("|")) <= exported[name][own]
        for grouped in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression):
            names = {label.strip() for label in grouped.split(",") if label.strip()}
            known = {label for labels in exported.values() for label in labels}
            assert names <= known | ADDED
    assert told > 30


def test_each_state_of_a_message_that_is_asked_for_is_one() -> None:
    from backend.models import outbox  # noqa: PLC0415 - beside what it is asked for

    asked = {
        value
        for expression in expressions()
        for name, labels in selectors(expression)
        for label, value in labels
        if (name, label) == ("outbox_entries", "state")
    }
    assert asked == {"dead"} == {outbox.DEAD}


def test_each_alert_says_what_to_do_and_how_soon() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    titles = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^## (.*)$", text, re.MULTILINE)
    }
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)
    for rule in ALERTS:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        file, title = rule["annotations"]["runbook"].split("#")
        assert file == "docs/runbook.md"
        assert title in titles, title
        assert rule["alert"] in text, f"the runbook does not name {rule['alert']}"


def test_without_a_database_that_alone_is_told(
    app: flask.Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.resources.operations.is_reachable", lambda: False)
    text = app.test_client().get("/metrics").text
    assert "database_up 0.0" in text
    assert "open_alerts" not in text


def test_the_dashboard_is_whole() -> None:
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(ids)) == len(ids) > 10
    folder = DEPLOY / "grafana" / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yaml").read_text())[
        "datasources"
    ]
    assert {panel["datasource"]["uid"] for panel in BOARD["panels"]} == {source["uid"]}
