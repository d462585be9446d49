"""A day run again: the same rules give the same outcome, other rules a named difference."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from backend.clinical.facts import Facts
from backend.clinical.freshness import fresh_names
from backend.clinical.replay import (
    Difference,
    Outcome,
    Ringing,
    assess_again,
    difference,
    outcome_of,
    spell_grade,
)
from backend.clinical.rules import Ruleset, load_ruleset

FACTS = Facts({"stools_per_day": Decimal(9), "baseline_stools_per_day": Decimal(2)})
NEWS = frozenset({"stools_per_day"})


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load_ruleset()


def test_news_carries_what_follows_from_it_and_nothing_else(ruleset: Ruleset) -> None:
    fresh = fresh_names(FACTS, NEWS, ruleset)
    assert {"stools_per_day", "stools_over_baseline"} <= fresh
    assert "baseline_stools_per_day" not in fresh


def test_the_same_rules_change_nothing(ruleset: Ruleset) -> None:
    was = outcome_of(assess_again(FACTS, NEWS, ruleset))
    assert was.grades["Diarrhea"] == "3"
    assert not difference(was, outcome_of(assess_again(FACTS, NEWS, ruleset)))


def test_without_a_rule_its_grade_and_flag_are_named(ruleset: Ruleset) -> None:
    was = outcome_of(assess_again(FACTS, NEWS, ruleset))
    flags = {name: rule for name, rule in ruleset.flags.items() if name != "DIARRHOEA"}
    found = difference(was, outcome_of(assess_again(FACTS, NEWS, replace(ruleset, flags=flags))))
    assert found.flags["DIARRHOEA"] == (was.flags["DIARRHOEA"], None)
    assert not found.grades


def test_a_fact_that_is_declared_no_more_is_left_out(ruleset: Ruleset) -> None:
    old = Facts({**FACTS.values, "asked_long_ago": True})
    assert outcome_of(assess_again(old, NEWS, ruleset)).grades["Diarrhea"] == "3"


def test_a_difference_names_each_side() -> None:
    was = Outcome({"Fever": "1", "Cough": "2"}, {"COUGH": "urgent"}, "urgent")
    would_be = Outcome({"Fever": "1", "Chills": "0 to 2"}, {"COUGH": "same_day"}, "same_day")
    found = difference(was, would_be)
    assert found.grades == {"Cough": ("2", None), "Chills": (None, "0 to 2")}
    assert found.flags == {"COUGH": ("urgent", "same_day")}
    assert found.tier == ("urgent", "same_day")


@pytest.mark.parametrize(
    ("grade", "at_least", "at_most", "spelled"),
    [
        (2, 2, 2, "2"),
        (2, 2, 3, "2 to 3"),
        (None, 1, 3, "1 to 3"),
        (None, None, None, "cannot be graded"),
        (0, None, None, "0"),
    ],
)
def test_a_grade_is_spelled_with_what_is_open(
    grade: int | None, at_least: int | None, at_most: int | None, spelled: str
) -> None:
    assert spell_grade(grade, at_least, at_most) == spelled


def test_a_flag_rings_when_it_is_new_worse_or_still_there_after_72_hours() -> None:
    start = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    heard = Ringing()
    assert heard.hear({"RASH": "routine"}, start) == {"RASH": "routine"}
    assert heard.hear({"RASH": "routine"}, start + dt.timedelta(hours=24)) == {}
    assert heard.hear({"RASH": "urgent"}, start + dt.timedelta(hours=48)) == {"RASH": "urgent"}
    assert heard.hear({"RASH": "urgent"}, start + dt.timedelta(hours=119)) == {}
    assert heard.hear({"RASH": "urgent"}, start + dt.timedelta(hours=120)) == {"RASH": "urgent"}
    assert difference(Outcome({}, {}, "none"), Outcome({}, {}, "none")) == Difference({}, {}, None)
