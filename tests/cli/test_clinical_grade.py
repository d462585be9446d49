"""`flask clinical grade`: JSON lines in, JSON lines out, and no line is lost to a bad one."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner

from backend.cli.clinical import answer_lines, clinical, grade_line
from tests.clinical.ruleset import ruleset

Answers = list[dict[str, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[bool, Answers]]:
    """Answer lines with the rule set that is loaded already."""

    def run_lines(*lines: object) -> tuple[bool, Answers]:
        texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        failed = answer_lines(texts, grade_line, ruleset())
        return failed, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run_lines


Run = Callable[..., tuple[bool, Answers]]


def test_the_command_reads_standard_input_and_says_by_its_code_whether_all_was_read() -> None:
    good, bad = json.dumps(line("vital", temperature_c=38.2)), "{"
    result = CliRunner().invoke(clinical, ["grade"], input=f"{good}\n\n{bad}\n{good}\n")
    first, second, third = (json.loads(answer) for answer in result.stdout.splitlines())
    assert result.exit_code == 1
    assert first["grades"]
    assert second["line"] == 3
    assert "error" in second
    assert first == third
    assert CliRunner().invoke(clinical, ["grade"], input=good).exit_code == 0


def line(kind: str, **words: object) -> dict[str, object]:
    return {"kind": kind, "input": words}


def test_a_line_is_answered_with_its_reason(run: Run) -> None:
    failed, answers = run(line("lab", analyte="ALT", value=128, unit="U/L", uln=40), b"")
    assert not failed
    assert answers == [
        {
            "grades": [
                {
                    "term": "Alanine aminotransferase increased",
                    "grade": 2,
                    "at_least": 2,
                    "at_most": 2,
                    "reason": "grade 2: alt 128 U/L > 3 x ULN (120)",
                    "missing": [],
                    "rule": "alanine_aminotransferase_increased",
                    "rule_version": ruleset()
                    .gradings["alanine_aminotransferase_increased"]
                    .version,
                }
            ]
        }
    ]


def test_words_that_mean_nothing_are_reported(run: Run) -> None:
    failed, answers = run(line("vital", temperature_c=38.2, weather="fine", moon=None))
    assert not failed
    assert answers[0]["unread"] == ["weather"]
    assert answers[0]["grades"]


def test_nothing_that_is_known_gives_no_grades(run: Run) -> None:
    assert run(line("vital")) == (False, [{"grades": []}])
    assert run(line("vital", weather="fine")) == (False, [{"grades": [], "unread": ["weather"]}])


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (b"{", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"NaN", "NaN is no number"),
        (b"[]", "an object is expected"),
        ({"kind": "lab"}, "input: an object"),
        (line("labs", analyte="ALT", value=1), "kind: 'labs' is not known; one of lab, vital"),
        ({"input": {"temperature_c": 38}}, "kind: None is not known"),
        (line("lab", analyte="unobtainium", value=1), "is not known"),
        (line("lab", analyte="ALT"), "a result needs a value"),
        (line("lab", analyte="ALT", value="high"), "value: a number is expected"),
        (
            b'{"kind": "lab", "input": {"analyte": "ALT", "value": 1e999999}}',
            "value: a number is expected",
        ),
        (
            b'{"kind": "symptom_numeric", "input": {"increase_over_baseline": 1e999999}}',
            "a number is expected",
        ),
        (line("lab", analyte="ALT", value=1, uln="40"), "uln: a number is expected"),
        (line("lab", analyte="ALT", value=-5, unit="U/L", uln=40), "value: 0 or more"),
        (line("lab", analyte="ALT", value=5, unit="U/L", uln=0), "above 0 are expected"),
        (line("lab", analyte="ALT", value=5, unit="U/L", lln=-1), "a lower limit of 0 or more"),
        (line("lab", analyte="ANC", value=1800, unit="G/L", lln=1.8), "value: from 0 to 300"),
        (line("lab", anc_10e9_l=1800), "anc_10e9_l: from 0 to 300"),
        (line("lab", analyte="glucose", value=1, fasting="yes"), "true or false"),
        (line("vital", temperature_c="hot"), "temperature_c: a number is expected"),
        (line("vital", temperature_c=99), "temperature_c: above 45"),
        (line("vital", sustained_temperature_c="hot"), "a number is expected"),
        (line("symptom_numeric", bsa_percent=120), "bsa_percent: above 100"),
        (line("symptom_numeric", episode_times=["noon"]), "a number is expected"),
        (line("symptom_numeric", episode_times="08:00"), "a number is expected"),
        (line("symptom_text", asymptomatic="yes"), "true or false"),
        (line("symptom_text", regular_diet="yes"), "true or false"),
        (line("symptom_text", dyspnea_with="dancing"), "one of nothing"),
        (line("vital", minutes_ge_38="two"), "true or false"),
        (line("vital", number_of_drugs="two"), "true or false"),
        (line("vital", weight_change_percent="less"), "a number is expected"),
        (line("lab", dipstick="blue"), "a number is expected"),
        (line("pro_composite", pro_ctcae_symptom="Unheard"), "is not known"),
        (line("pro_composite", pro_ctcae_symptom="Rash", severity=1), "not asked"),
        (line("pro_composite", pro_ctcae_symptom="Rash", presence=2), "above 1"),
        (line("pro_composite", pro_ctcae_symptom="Fatigue", severity=1.5), "a whole number"),
    ],
)
def test_a_bad_line_is_answered_and_the_rest_is_graded(
    run: Run, bad: object, complaint: str
) -> None:
    failed, answers = run(bad, line("vital", temperature_c=38.2))
    assert failed
    assert complaint in answers[0]["error"]
    assert answers[0]["line"] == 1
    assert {grade["term"]: grade["grade"] for grade in answers[1]["grades"]}["Fever"] == 1


@pytest.mark.parametrize(
    "words",
    [
        {"symptoms": "strange"},
        {"intensity": "strange"},
        {"abdominal_pain": "strange"},
        {"duration_hours": 3},
        {"adult": True},
    ],
)
def test_a_value_that_says_nothing_gives_no_grades(run: Run, words: dict[str, object]) -> None:
    failed, answers = run(line("symptom_text", **words))
    assert not failed
    assert answers[0]["grades"] == []


def test_words_beside_a_result_are_about_the_abnormal_side(run: Run) -> None:
    _, answers = run(
        line(
            "lab", analyte="potassium", value=5.3, unit="mmol/L", lln=3.5, uln=5.0,
            hospitalization_indicated=True,
        )
    )  # fmt: skip
    grades = {grade["term"]: grade["grade"] for grade in answers[0]["grades"]}
    assert grades == {"Hyperkalemia": 3, "Hypokalemia": 0}


def test_a_name_that_no_terminal_can_write_is_answered(run: Run) -> None:
    _, answers = run(b'{"kind": "vital", "input": {"\\ud800": 1}}')
    assert answers == [{"grades": [], "unread": ["\ud800"]}]


def test_numbers_are_written_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    answer_lines([b"{}"], lambda *_: {"a": Decimal("1.5"), "b": Decimal(2)}, ruleset())
    assert capsys.readouterr().out == '{"a": 1.5, "b": 2}\n'
    with pytest.raises(TypeError, match="cannot be written"):
        answer_lines([b"{}"], lambda *_: {"a": {1}}, ruleset())
