"""Commands beside the web: rule sets over time."""

import json
from pathlib import Path
from typing import Any

import flask
from pymongo.database import Database

from backend.clinical.rules import load_ruleset
from backend.context import Context
from backend.db import transaction
from backend.models.ruleset import RulesetVersion, keep_ruleset
from backend.services.ruleset import keep_rules
from tests.access.world import bad_day
from tests.people import enrolled, judgement, phone, staff


def kept(app: flask.Flask) -> str:
    here: Context = app.extensions["backend"]
    assert keep_rules(here.ruleset, now=here.clock())
    assert not keep_rules(here.ruleset, now=here.clock())
    return here.ruleset.version


def test_versions_are_listed_and_compared(app: flask.Flask) -> None:
    version = kept(app)
    here: Context = app.extensions["backend"]
    older = RulesetVersion("older", here.clock(), {"alerts|toml": "[emergency]\n"})
    transaction(lambda session: keep_ruleset(older, session=session))
    run = app.test_cli_runner().invoke
    assert version in run(args=["rules", "versions"]).output
    found = run(args=["rules", "diff", "older", version]).output
    assert f"+++ {version}/alerts.toml" in found
    assert "+acknowledge_minutes = 15" in found
    unknown = run(args=["rules", "diff", "never", version])
    assert unknown.exit_code == 1
    assert "never loaded here" in unknown.output


def test_a_replay_by_the_same_rules_changes_nothing(app: flask.Flask) -> None:
    nurse = staff(app, "nurse", "S01")
    patient = phone(nurse, enrolled(nurse))
    body = {
        "submission_id": "0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0001",
        "day": "2026-03-02",
        "reported_at": "2026-03-02T07:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}],
        "observations": {"stools_per_day": 9},
        "vitals": [{"vital": "glucose", "value": 9.1, "unit": "mmol/L"}],
    }
    assert patient.post("/diaries", body).status_code == 201
    report = {
        "submission_id": "panel",
        "collected_at": "2026-03-02T01:00:00+00:00",
        "results": [{"analyte": "ALT", "value": 160, "unit": "U/L"}],
    }
    subject_id = patient.get("/sessions/current").get_json()["subject_id"]
    assert nurse.post(f"/subjects/{subject_id}/labs", report).status_code == 201
    run = app.test_cli_runner().invoke
    same = run(args=["rules", "replay", "--since", "2026-03-01"])
    assert same.output.startswith("2 days read, 0 would change"), same.output
    assert run(args=["rules", "replay", "--since", "2026-03-03"]).output.startswith("0 days read")


def test_a_replay_names_each_grade_flag_and_alert_that_would_change_and_changes_nothing(
    app: flask.Flask, database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    investigator = staff(app, "investigator", "S01")
    patient = phone(investigator, enrolled(investigator))
    assert patient.post("/diaries", bad_day()).status_code == 201
    (event,) = investigator.get("/listings/adverse-events").get_json()["items"][:1]
    said = judgement(app.extensions["backend"].study.components, rev=0, term=event["term"])
    answer = investigator.post(f"/adverse-events/{event['id']}/adjudications", said)
    assert answer.status_code == 201, answer.text
    stored = database["assessments"].find_one({}) or {}
    # As an earlier rule set might have left it: one grade lower, one flag not there, one milder.
    gone, milder = stored["flags"][0]["id"], stored["flags"][1]["id"]
    stored["flags"] = [{**stored["flags"][1], "tier": "routine"}, *stored["flags"][2:]]
    graded = next(grade for grade in stored["grades"] if (grade.get("grade") or 0) > 1)
    was, graded["grade"], graded["at_least"], graded["at_most"] = graded["grade"], 1, 1, 1
    database["assessments"].replace_one({"_id": stored["_id"]}, stored)
    before = {name: list(database[name].find()) for name in database.list_collection_names()}

    file = tmp_path / "changes.jsonl"
    command = ["rules", "replay", "--since", "2026-03-01", "--to", str(file)]
    done = app.test_cli_runner().invoke(args=command)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("1 days read, 1 would change\n1 of them in events that")
    assert f"grade of {graded['term']}: 1 -> {was}" in done.output
    assert f"flag {gone}: none -> " in done.output
    assert f"alert {gone}: none -> " in done.output
    assert f"flag {milder}: routine -> " in done.output
    (line,) = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["judged"] is True
    assert {name: list(database[name].find()) for name in before} == before


def test_the_handbook_is_written(app: flask.Flask, tmp_path: Path) -> None:
    file = tmp_path / "rules.md"
    assert app.test_cli_runner().invoke(args=["rules", "handbook", str(file)]).exit_code == 0
    assert load_ruleset().version in file.read_text(encoding="utf-8")
