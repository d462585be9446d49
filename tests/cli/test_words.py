"""The table of words: each means a fact that exists, and no value of any word breaks a line."""

import json
from decimal import Decimal
from typing import Any

import pytest

from backend.cli import words_labs, words_said
from backend.cli.clinical import grade_line
from backend.cli.vocabulary_grade import UnreadableLineError, bare_facts, synonyms
from tests.clinical.ruleset import ruleset

WORDS = sorted({*synonyms(), *words_said.words(), *words_labs.LIMITS, "analyte", "tsh", "value"})
VALUES = (
    "true",
    "false",
    "0",
    "5",
    "-3",
    "1.5",
    '"mild"',
    '"08:00"',
    "[]",
    '["x", 1]',
    "{}",
    "null",
)


@pytest.mark.parametrize("word", sorted(synonyms()))
def test_a_word_means_facts_that_exist(word: str) -> None:
    known = {*ruleset().facts, *bare_facts(ruleset())}
    assert set(synonyms()[word]) <= known
    assert word not in ruleset().facts


@pytest.mark.parametrize("word", WORDS)
def test_no_value_of_a_word_breaks_its_line(word: str) -> None:
    for text in VALUES:
        raw = f'{{"kind": "lab", "input": {{"{word}": {text}}}}}'
        line = json.loads(raw, parse_float=Decimal, parse_int=Decimal)
        grades = graded(line)
        assert all(grade["grade"] in (None, 0, 1, 2, 3, 4) for grade in grades)


def graded(line: dict[str, Any]) -> list[dict[str, Any]]:
    """Grade a line; a value that cannot be is refused by name and gives no grades."""
    try:
        return list(grade_line(line, ruleset())["grades"])
    except UnreadableLineError:
        return []
