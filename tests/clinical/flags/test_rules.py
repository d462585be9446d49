"""The examples in the flag rules are tests of these rules; every rule says why and for whom."""

import pytest

from backend.clinical.flagging import assess_flags
from backend.clinical.flagrules import TIERS, FlagExample, FlagRule
from tests.clinical.ruleset import facts_of, ruleset

RULES = list(ruleset().flags.values())
CASES = [
    pytest.param(rule, example, id=f"{rule.rule}-{number}")
    for rule in RULES
    for number, example in enumerate(rule.examples, start=1)
]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_example(rule: FlagRule, example: FlagExample) -> None:
    flags = assess_flags(facts_of(example.facts, example.labs), ruleset())
    found = next((flag for flag in flags if flag.id == rule.id), None)
    assert (found.tier if found else "none") == example.tier
    assert found is None or found.inputs


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule)
def test_every_rule_shows_when_it_is_raised_and_when_not(rule: FlagRule) -> None:
    tiers = {example.tier for example in rule.examples}
    assert tiers & set(TIERS)
    assert "none" in tiers or len(tiers) > 1
    assert rule.causes
    assert rule.actions


def test_there_is_a_file_for_each_of_the_76_flags() -> None:
    assert len(RULES) == 76


def test_what_a_flag_asks_of_patients_has_a_question() -> None:
    wordless = {
        name
        for rule in RULES
        for name in rule.reads
        if ruleset().facts[name].asked == "patient" and not ruleset().facts[name].question
    }
    assert not wordless
