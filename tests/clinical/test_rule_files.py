"""Rule files that say something unknown do not load, and the whole folder is checked together."""

import shutil
from pathlib import Path

import pytest

from backend.clinical.document import RuleError
from backend.clinical.flagrules import parse_flag_rule
from backend.clinical.gradingrules import RuleContext, parse_grading_rule
from backend.clinical.rules import DATA, load_ruleset
from tests.clinical.ruleset import ruleset

GRADE = {"grade": 3, "text": "bad"}
RULE = {"term": "Pain", "source": "somewhere", "grade": [GRADE]}
COLUMN = {"analyte": "alt", "unit": "U/L", "limits": {"3": "> ULN"}}
TRUE = {"fact": "on_anticoagulation"}


def context() -> RuleContext:
    rules = ruleset()
    return RuleContext(
        rules.catalogue, rules.facts, rules.definitions, frozenset(rules.units.analytes)
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"term": "Unheard"}, "a term of the catalogue"),
        ({"colour": 1}, "unknown colour"),
        ({"source": ""}, "source must be a text"),
        ({"grade": []}, "each grade once"),
        ({"grade": [GRADE, GRADE]}, "each grade once"),
        ({"grade": [{**GRADE, "grade": 4}]}, "but not 5"),
        ({"term": "Fever", "grade": [{**GRADE, "grade": 5}]}, "but not 5"),
        ({"grade": [{**GRADE, "grade": "3"}]}, "but not 5"),
        ({"grade": [{**GRADE, "grade": 0}]}, "but not 5"),
        ({"grade": [{**GRADE, "colour": 1}]}, "unknown colour"),
        ({"grade": [{**GRADE, "when": {"fact": "unheard"}}]}, "a declared fact"),
        ({"grade": [{**GRADE, "needs": {"fact": "unheard"}}]}, "a declared fact"),
        ({"absent": {"fact": "unheard"}}, "a declared fact"),
        ({"given": {"fact": "unheard"}}, "a declared fact"),
        ({"open": ["unheard"]}, "facts that the rule reads"),
        ({"column": [{**COLUMN, "analyte": "unheard"}]}, "an analyte of analytes.toml"),
        ({"column": [{"unit": "U/L", "limits": {}}]}, "an analyte of analytes.toml"),
        ({"column": [{**COLUMN, "colour": 1}]}, "unknown colour"),
        ({"column": [{**COLUMN, "limits": {"2": "> ULN"}}]}, "grades that have a criterion"),
        ({"column": [{**COLUMN, "limits": {"5": "> ULN"}}]}, "under a grade from 0 to 4"),
        ({"column": [{**COLUMN, "limits": {"3": "very high"}}]}, "is no limit"),
        ({"column": [{**COLUMN, "limits": {"3": 7}}]}, "a list of texts"),
        ({"column": [{**COLUMN, "when": {"is": "unheard"}}]}, "a name of definitions.toml"),
        ({"example": [{"facts": {}, "colour": 1}]}, "unknown colour"),
    ],
)
def test_a_wrong_grading_rule_does_not_load(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        parse_grading_rule({**RULE, **change}, "pain", context())


def test_a_grading_rule_is_read_whole() -> None:
    raw = {
        **RULE,
        "analyte": "alt",
        "absent": TRUE,
        "given": TRUE,
        "open": ["on_anticoagulation"],
        "grade": [GRADE, {"grade": 1, "text": "a little", "when": TRUE, "needs": TRUE}],
        "column": [{"unit": "any", "when": TRUE, "limits": {"0": "<= ULN", "3": ["> ULN", "> 9"]}}],
        "example": [{"facts": {"a": 1}, "labs": {"b": {}}, "grade": 3}],
    }
    rule = parse_grading_rule(raw, "pain", context())
    assert [criterion.grade for criterion in rule.criteria] == [3, 1]
    assert rule.reads == {"on_anticoagulation"}
    assert rule.analytes == {"alt"}
    assert [len(limits) for limits in rule.columns[0].limits.values()] == [1, 2]
    assert rule.examples[0].expected == 3


TIER = {"tier": "urgent", "when": TRUE, "text": "now"}
FLAG = {
    "id": "BAD_DAY",
    "title": {"en": "x", "zh": "x"},
    "domain": "x",
    "source": "x",
    "mark": "P",
    "tier": [TIER],
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "GOOD_DAY"}, "the file's name"),
        ({"mark": "X"}, "one of read, GK, P"),
        ({"colour": 1}, "unknown colour"),
        ({"tier": []}, "each once"),
        ({"tier": [TIER, TIER]}, "each once"),
        ({"tier": [{**TIER, "tier": "routine"}, TIER]}, "from the most urgent down"),
        ({"organ": ["skin", "hair"]}, "organ must be of"),
        ({"tier": [{**TIER, "tier": "none"}]}, "one of emergency"),
        ({"tier": [{**TIER, "colour": 1}]}, "unknown colour"),
        ({"tier": [{**TIER, "when": {"fact": "unheard"}}]}, "a declared fact"),
        ({"cause": [{"component": "weather"}]}, "one of ql1706"),
        ({"cause": [{"component": "other", "colour": 1}]}, "unknown colour"),
        ({"cause": [{"component": "other", "for": [{"when": TRUE}]}]}, "text must be a text"),
        (
            {"cause": [{"component": "other", "for": [{"when": TRUE, "text": "x", "y": 1}]}]},
            "unknown y",
        ),
        ({"action": [{"component": "weather", "text": "x", "source": "x"}]}, "one of ql1706"),
        ({"action": [{"component": "care", "text": "x"}]}, "source must be a text"),
        ({"action": [{"component": "care", "text": "x", "source": "x", "y": 1}]}, "unknown y"),
        ({"example": [{"tier": "never"}]}, "one of emergency"),
        ({"example": [{"tier": "none", "y": 1}]}, "unknown y"),
    ],
)
def test_a_wrong_flag_rule_does_not_load(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        parse_flag_rule({**FLAG, **change}, "bad-day", ruleset().facts, ruleset().definitions)


def test_a_flag_rule_is_read_whole() -> None:
    evidence = {"when": {"fact": "heart_rate_bpm", "op": ">", "value": 100}, "text": "fast"}
    raw = {
        **FLAG,
        "organ": "cardiac",
        "weak": True,
        "amber_group": "heart",
        "cause": [{"component": "other", "for": [evidence], "against": [evidence]}],
        "action": [{"component": "care", "text": "x", "source": "x"}],
        "example": [{"facts": {"a": 1}, "labs": {"b": {}}, "tier": "none"}],
    }
    flag = parse_flag_rule(raw, "bad-day", ruleset().facts, ruleset().definitions)
    assert (flag.organs, flag.amber_group) == (("cardiac",), "heart")
    assert flag.reads == {"on_anticoagulation", "heart_rate_bpm"}
    assert flag.causes[0].supports[0].text == "fast"
    two = parse_flag_rule({**FLAG, "organ": ["skin", "renal"]}, "bad-day", ruleset().facts, {})
    assert two.organs == ("skin", "renal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def append(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_fact_is_declared_once(folder: Path) -> None:
    append(
        folder / "facts" / "vital.toml", '\n[stools_per_day]\ntype = "number"\nasked = "patient"\n'
    )
    with pytest.raises(RuleError, match="stools_per_day declared twice"):
        load_ruleset(folder)


def test_a_definition_may_use_only_those_above_it(folder: Path) -> None:
    definitions = folder / "definitions.toml"
    text = definitions.read_text(encoding="utf-8")
    first = '[early]\ntext = "x"\nwhen = { is = "late" }\n[late]\ntext = "x"\nwhen = { known = "weight_kg" }\n'
    definitions.write_text(first + text, encoding="utf-8")
    with pytest.raises(RuleError, match=r"a name of definitions\.toml"):
        load_ruleset(folder)


def test_a_fact_of_another_term_needs_that_terms_rule(folder: Path) -> None:
    file = folder / "ctcae-4.03" / "headache.toml"
    append(file, "\n")
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace('"limits_self_care_adl"', '"unheard__limits_self_care_adl"'), encoding="utf-8"
    )
    with pytest.raises(RuleError, match="about a term that has no rule"):
        load_ruleset(folder)


def test_a_per_term_fact_is_declared_for_each_term_with_its_question() -> None:
    declared = ruleset().facts["headache__limits_self_care_adl"]
    assert declared.question is not None
    assert "Headache" in declared.question["en"]
    assert "limits_self_care_adl" not in ruleset().facts
