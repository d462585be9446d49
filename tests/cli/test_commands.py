"""Commands beside the web: rule sets over time, and a site's own official CTCAE texts."""

from pathlib import Path

import flask
import pytest

from backend.clinical.rules import load_ruleset
from backend.context import Context
from backend.models.ruleset import RulesetVersion, keep_ruleset
from backend.services.ruleset import keep_rules
from tests.people import enrolled, phone, staff

HEADER = "MedDRA Code,CTCAE Term,Grade 1,Grade 2,Grade 3,Grade 4,Grade 5,Definition\n"


def kept(app: flask.Flask) -> str:
    here: Context = app.extensions["backend"]
    assert keep_rules(here.ruleset, now=here.clock())
    assert not keep_rules(here.ruleset, now=here.clock())
    return here.ruleset.version


def test_versions_are_listed_and_compared(app: flask.Flask) -> None:
    version = kept(app)
    here: Context = app.extensions["backend"]
    keep_ruleset(RulesetVersion("older", here.clock(), {"alerts|toml": "[emergency]\n"}))
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


def test_the_handbook_is_written(app: flask.Flask, tmp_path: Path) -> None:
    file = tmp_path / "rules.md"
    assert app.test_cli_runner().invoke(args=["rules", "handbook", str(file)]).exit_code == 0
    assert load_ruleset().version in file.read_text(encoding="utf-8")


def test_official_texts_show_beside_our_words(app: flask.Flask, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text(
        "Made for a test\n" + HEADER + "10012727,Diarrhea,one,two,three,four,Death,a word\n",
        encoding="utf-8-sig",
    )
    done = app.test_cli_runner().invoke(args=["ctcae", "import", str(file)])
    assert done.exit_code == 0, done.output
    found = staff(app, "nurse", "S01").get("/ctcae/terms?q=diarhea").get_json()["items"]
    assert found[0]["name"] == "Diarrhea"
    assert found[0]["graded_by_rule"] is True
    assert found[0]["official"]["grade_3"] == "three"


@pytest.mark.parametrize(
    ("content", "said"),
    [("a,b\n1,2\n", "no row has the headers"), (HEADER + "99,x,a,b,c,d,e,f\n", "unknown codes")],
)
def test_another_table_is_refused(
    app: flask.Flask, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(content, encoding="utf-8")
    refused = app.test_cli_runner().invoke(args=["ctcae", "import", str(file)])
    assert refused.exit_code == 1
    assert said in refused.output
