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


@pytest.mark.parametrize(
    ("labs", "flag", "tier"),
    [
        ({"ALT": {"value": 168}}, "HEPATIC", "same_day"),
        ({"TBIL": {"value": 3.0, "unit": "mg/dL"}}, "BILIRUBIN", "same_day"),
        ({"CREAT": {"value": 1.7, "unit": "mg/dL"}}, "CREATININE", "urgent"),
        ({"creatinine": 147}, "CREATININE", "urgent"),
        ({"ALT": {"value": 4.2, "unit": "ukat/L", "uln": 0.68}}, "HEPATIC", "urgent"),
    ],
)
def test_a_limit_that_a_result_does_not_bring_is_this_laboratorys(
    run: Run, labs: dict[str, object], flag: str, tier: str
) -> None:
    _, (answer,) = run({"context": CONTEXT, "input": {"labs": labs}})
    assert {found["id"]: found["tier"] for found in answer["flags"]} == {flag: tier}


def test_an_endless_ratio_is_cut_in_the_reason_and_never_rounded(run: Run) -> None:
    line = {"labs": {"TBIL": {"value": 41.013, "uln": 20.507}}}
    _, (answer,) = run({"context": CONTEXT, "input": line})
    (flag,) = answer["flags"]
    assert flag["reason"].endswith("bilirubin_x_uln 1.999… > 1.5")


def test_no_and_fahrenheit_are_understood(run: Run) -> None:
    said = {"rectal_bleeding": False, "stool_mucus": False, "bleeding_change": False}
    _, (quiet, hot) = run(
        {"context": CONTEXT, "input": {"obs": {"stools_over_baseline": 0, **said}}},
        {"context": CONTEXT, "input": {"vitals": {"temp_f": 100.4}}},
    )
    assert (quiet["tier"], quiet.get("unread")) == ("none", None)
    assert [flag["id"] for flag in hot["flags"]] == ["FEVER_ICI"]


def test_an_error_names_its_line_and_empty_lines_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert answer_lines([b"\n", b'{"input": {}}\n', b"  \n", b"{,}\n"], assess_line, ruleset())
    good, bad = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert good["tier"] == "none"
    assert bad == {
        "line": 4,
        "error": "not JSON: Expecting property name enclosed in double quotes at column 2",
    }


def test_words_without_a_meaning_are_named(run: Run) -> None:
    line = {
        "contxt": {},
        "context": {"arm": "B", "phase": "SCRT", "days_since_ql1706": 3, "baseline": {"SBPP": 120}},
        "input": {
            "obs": {"aura": "blue", "hfs_site": "elbow"},
            "labs": {"XYZ": 1, "ALT": {"value": 20, "ulm": 40}},
            "vital": {},
            "pro": {"PROCTCAE_99A_SCL": 10**40},
        },
        "expected": {},
    }
    failed, (answer,) = run(line)
    assert not failed
    assert set(answer["unread"]) == {
        "contxt",
        "days_since_ql1706",
        "SBPP",
        "aura",
        "hfs_site",
        "PROCTCAE_99A_SCL",
        "XYZ",
        "ALT.ulm",
        "vital",
    }


@pytest.mark.parametrize(
    "line",
    [
        {"context": CONTEXT},
        {"context": 3, "input": {}},
        {"input": {"vitals": {"temp": "hot"}}},
        {"input": {"pro": {"PROCTCAE_53A_SCL": 7}}},
        {"input": {"pro": {"PROCTCAE_53A_SCL": 2.5}}},
        {"context": {"baseline": {"CREAT": "normal"}}, "input": {}},
        {"input": {"labs": {"ALT": {"value": 300, "unit": "furlong"}}}},
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
