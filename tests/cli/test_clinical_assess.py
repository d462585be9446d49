"""`flask clinical assess`: JSON lines in, JSON lines out, in the words of the scenario cases."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from backend.cli.clinical import answer_lines, assess_line, clinical
from tests.clinical.ruleset import ruleset

Answers = list[dict[str, Any]]
Run = Callable[..., tuple[bool, Answers]]

CONTEXT = {
    "arm": "B",
    "days_since_first_ql1706": 45,
    "days_since_last_ql1706": 3,
    "days_since_scrt_end": None,
    "baseline": {"SBP": 124, "CREAT": 70},
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Answer lines with the rule set that is loaded already."""

    def run_lines(*lines: object) -> tuple[bool, Answers]:
        texts = [json.dumps(line).encode() for line in lines]
        failed = answer_lines(texts, assess_line, ruleset())
        return failed, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run_lines


def test_the_command_reads_standard_input() -> None:
    good = json.dumps({"context": CONTEXT, "input": {"obs": {"chest_pain": True}}})
    result = CliRunner().invoke(clinical, ["assess"], input=f"{good}\n[]\n")
    first, second = (json.loads(answer) for answer in result.stdout.splitlines())
    assert result.exit_code == 1
    assert first["tier"] == "emergency"
    assert "error" in second


def test_a_flag_is_answered_with_reason_source_causes_and_rule(run: Run) -> None:
    failed, (answer,) = run({"context": CONTEXT, "input": {"labs": {"CREAT": 147}}})
    assert not failed
    (flag,) = answer["flags"]
    assert (answer["tier"], flag["id"], flag["tier"]) == ("urgent", "CREATININE", "urgent")
    assert "creatinine_x_baseline 2.1" in flag["reason"]
    assert flag["source"]
    assert flag["causes"][0].keys() == {"component", "for", "against"}
    assert answer["irae"] == {"level": "suspected", "organs": ["renal"]}
    assert all("investigator" in action["text"] for action in flag["actions"])
    assert flag["rule_version"] == ruleset().flags["CREATININE"].version


def test_a_result_may_bring_its_own_unit_and_limits(run: Run) -> None:
    line = {"labs": {"TBIL": {"value": 3.0, "unit": "mg/dL", "uln": 1.2}}}
    _, (answer,) = run({"context": CONTEXT, "input": line})
    assert [flag["id"] for flag in answer["flags"]] == ["BILIRUBIN"]


def test_words_without_a_meaning_are_named(run: Run) -> None:
    failed, (answer,) = run({"input": {"obs": {"aura": "blue"}, "labs": {"XYZ": 1}}})
    assert not failed
    assert answer["unread"] == ["aura", "XYZ"]


@pytest.mark.parametrize(
    "line",
    [
        {"context": CONTEXT},
        {"context": 3, "input": {}},
        {"input": {"vitals": {"temp": "hot"}}},
        {"input": {"pro": {"PROCTCAE_53A_SCL": 7}}},
        {"input": {"labs": {"ALT": "high"}}},
        {"input": {"labs": {"ALT": {"unit": "U/L"}}}},
        {"input": {"labs": {"ANC": 1800}}},
    ],
)
def test_a_line_that_cannot_be_is_refused(run: Run, line: dict[str, object]) -> None:
    failed, (answer,) = run(line)
    assert failed
    assert answer.keys() == {"line", "error"}
    assert answer["line"] == 1
