"""The examples in the grading rules are tests of these rules."""

import pytest

from backend.clinical.grading import grade_term
from backend.clinical.gradingrules import Example, GradingRule
from tests.clinical.ruleset import facts_of, ruleset

CASES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in ruleset().gradings.values()
    for number, example in enumerate(rule.examples, start=1)
]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_example(rule: GradingRule, example: Example) -> None:
    facts = facts_of(example.facts, example.labs, rule.id)
    found = grade_term(rule, facts, ruleset())
    if example.expected == "unknown":
        assert found.grade is None, found
        return
    low, high = example.expected if isinstance(example.expected, list) else [example.expected] * 2
    assert (found.at_least, found.at_most) == (low, high), found
    if low == high or low:
        assert found.grade == low, found


@pytest.mark.parametrize("rule", ruleset().gradings.values(), ids=lambda rule: rule.id)
def test_every_rule_shows_what_it_does(rule: GradingRule) -> None:
    assert rule.examples
    assert rule.source
    undecided = [c.grade for c in rule.criteria if c.when is None and not rule.columns]
    assert not undecided or rule.limits_note
