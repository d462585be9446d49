"""Symptoms and their published composites: all 215 rows, missing answers, skipped questions."""

from decimal import Decimal
from pathlib import Path

import pytest

from backend.clinical.document import RuleError
from backend.clinical.facts import Facts, Value
from backend.clinical.rules import derive_facts
from backend.clinical.scoring import load_composites, score_symptoms
from backend.clinical.symptoms import SCALES, parse_symptom
from tests.clinical.ruleset import reference, reference_rows, ruleset

PARTS = ("frequency", "severity", "interference", "amount")


def composite(**answers: int) -> int | None:
    """Score whatever symptom has just these attributes."""
    symptom = next(
        symptom for symptom in ruleset().symptoms.values() if symptom.attributes == tuple(answers)
    )
    return scored(symptom.id, answers)


def scored(symptom: str, answers: dict[str, int]) -> int | None:
    values: dict[str, Value] = {f"{symptom}_{name}": Decimal(a) for name, a in answers.items()}
    facts = derive_facts(Facts(values), ruleset())
    scores = score_symptoms(facts, ruleset().symptoms, ruleset().composites)
    assert [score.symptom for score in scores] == [symptom]
    return scores[0].composite


@pytest.mark.parametrize("row", reference_rows("pro_ctcae_composite.csv"), ids=str)
def test_composite(row: dict[str, str]) -> None:
    answers = {name: int(row[name]) for name in PARTS if row[name]}
    assert composite(**answers) == int(row["composite_grade"])


def test_every_combination_has_a_composite() -> None:
    assert len(ruleset().composites) == 215
    for symptom in ruleset().symptoms.values():
        if symptom.attributes != ("presence",):
            assert (symptom.attributes, (0,) * len(symptom.items)) in ruleset().composites


def test_a_missing_answer_gives_no_composite() -> None:
    assert scored("fatigue", {"severity": 3}) is None
    assert scored("headache", {"frequency": 2, "interference": 1}) is None


def test_a_question_skipped_after_none_counts_as_0() -> None:
    assert scored("headache", {"frequency": 0}) == 0
    assert scored("headache", {"frequency": 2, "severity": 0}) == 0


def test_present_or_absent_has_no_composite() -> None:
    assert scored("rash", {"presence": 1}) is None


def test_structure_agrees_with_the_item_library() -> None:
    reference("pro_ctcae_items.csv")
    ours = {
        (symptom.pro_ctcae, symptom.category, item.attribute, item.code)
        for symptom in ruleset().symptoms.values()
        for item in symptom.items
    }
    items = reference_rows("pro_ctcae_items.csv")
    assert ours == {
        (row["pro_ctcae_symptom"], row["category"], row["attribute"], row["item_code"])
        for row in items
    }
    assert len(items) == 124
    by_name = {symptom.pro_ctcae: symptom for symptom in ruleset().symptoms.values()}
    for row in reference_rows("pro_ctcae_symptoms.csv"):
        symptom = by_name[row["pro_ctcae_symptom"]]
        assert "; ".join(term.name for term in symptom.terms) == row["ctcae_v4_term"]
        assert "; ".join(term.meddra_code for term in symptom.terms) == row["ctcae_v4_meddra_code"]
        assert "+".join(symptom.attributes) == row["attributes"]
        assert symptom.may_decline == ("NA=" in row["response_options"])
    assert len(by_name) == 80


def test_every_term_of_a_symptom_has_a_rule() -> None:
    graded = {rule.term.name for rule in ruleset().gradings.values()}
    for symptom in ruleset().symptoms.values():
        assert {term.name for term in symptom.terms} <= graded


def test_questions_are_our_own_and_in_both_languages() -> None:
    for symptom in ruleset().symptoms.values():
        for item in symptom.items:
            assert set(item.question) == {"en", "zh"}
            # The instrument shouts its attributes and asks about the last 7 days.
            assert "7 days" not in item.question["en"]
            assert not any(attribute.upper() in item.question["en"] for attribute in SCALES)


ITEM = {"attribute": "severity", "code": "X", "question": {"en": "?", "zh": "?"}}
SYMPTOM = {
    "title": {"en": "x", "zh": "x"},
    "pro_ctcae": "x",
    "category": "x",
    "terms": ["Pain"],
    "item": [ITEM],
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"terms": ["Unheard"]}, "CTCAE terms of the catalogue"),
        ({"terms": []}, "CTCAE terms of the catalogue"),
        ({"item": []}, "at least one"),
        ({"item": [ITEM, ITEM]}, "each attribute once"),
        ({"item": [{**ITEM, "attribute": "colour"}]}, "one of frequency"),
        ({"item": [{**ITEM, "colour": 1}]}, "unknown colour"),
        ({"colour": 1}, "unknown colour"),
    ],
)
def test_a_wrong_symptom_does_not_load(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        parse_symptom({**SYMPTOM, **change}, "x", ruleset().catalogue)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("attributes,composite\n", "the columns must be"),
        ("", "the columns must be"),
        ("attributes,answers,composite\nfrequency,5,1\n", "no composite can be"),
        ("attributes,answers,composite\nfrequency,1,4\n", "no composite can be"),
        ("attributes,answers,composite\nfrequency severity,1,1\n", "no composite can be"),
        ("attributes,answers,composite\ncolour,1,1\n", "no composite can be"),
    ],
)
def test_a_wrong_look_up_does_not_load(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "pro-composite.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RuleError, match=complaint):
        load_composites(file)
