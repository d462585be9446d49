"""Whom to call first of those who fell silent."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.clinical.document import RuleError
from backend.clinical.silence import NAMES, parse_silence, weigh_silence
from tests.clinical.ruleset import ruleset

WHOLE: dict[str, Any] = {name: {"points": 1, "text": name, "from": 1} for name in NAMES}


def points(**signs: int | None) -> int:
    return weigh_silence(signs, ruleset().silence)[0]


def test_grade_2_at_the_nadir_is_called_before_many_missed_without_a_word() -> None:
    assert points(last_grade=2, missing=2, on_treatment=1, nadir=10) == 2 * 3 + 2 + 1 + 2
    assert points(last_grade=2, missing=2) > points(missing=7)


@pytest.mark.parametrize(("day", "weighs"), [(6, 0), (7, 2), (14, 2), (15, 0), (None, 0)])
def test_the_nadir_has_a_beginning_and_an_end(day: int | None, weighs: int) -> None:
    assert points(nadir=day) == weighs


def test_the_heaviest_reason_comes_first_and_what_is_unknown_is_not_said() -> None:
    score, reasons = weigh_silence(
        {"missing": 1, "open_alert": 1, "last_grade": None, "on_treatment": 0}, ruleset().silence
    )
    assert score == 5
    assert reasons == ("urgent alerts open: 1", "diaries missing in a row: 1")


@given(st.integers(0, 4), st.integers(1, 30))
def test_a_worse_last_word_never_weighs_less(grade: int, missing: int) -> None:
    assert points(last_grade=grade + 1, missing=missing) > points(last_grade=grade, missing=missing)


@pytest.mark.parametrize(
    "change",
    [
        {"nadir": {"text": "x", "from": 1}},
        {"nadir": {"points": 1, "text": "x"}},
        {"nadir": {"points": 1, "text": "x", "from": 1, "colour": "red"}},
        {"weather": {"points": 1, "text": "x", "from": 1}},
    ],
)
def test_a_file_that_is_not_whole_does_not_load(change: dict[str, Any]) -> None:
    with pytest.raises(RuleError):
        parse_silence({**WHOLE, **change})
    with pytest.raises(RuleError, match="one table for each"):
        parse_silence({"nadir": WHOLE["nadir"]})
