"""Which plain questions follow which answer, and the words of their choices."""

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backend.clinical.document import RuleError, read_toml
from backend.clinical.followups import NO_FOLLOW_UPS, parse_follow_ups
from backend.clinical.rules import DATA, load_ruleset
from tests.clinical.ruleset import ruleset

WHOLE = read_toml(DATA / "followups.toml")


def parse(raw: dict[str, Any]) -> None:
    parse_follow_ups(raw, ruleset().facts, ruleset().symptoms)


def test_every_choice_that_a_patient_may_be_shown_has_words_in_both_languages() -> None:
    shown = {
        fact.name: set(fact.choices)
        for fact in ruleset().facts.values()
        if fact.choices and fact.question and fact.asked in ("patient", "device")
    }
    words = ruleset().follow_ups.choices
    assert {name: set(choices) for name, choices in words.items()} == shown
    assert {
        text for choices in words.values() for titles in choices.values() for text in titles
    } == {
        "en",
        "zh",
    }


def test_a_sign_of_danger_is_answered_by_yes_or_no_and_read_by_some_flag() -> None:
    danger = ruleset().follow_ups.danger
    assert {ruleset().facts[name].type for name in danger} == {"boolean"}
    text = "".join(file.read_text() for file in (DATA / "flags").glob("*.toml"))
    text += (DATA / "definitions.toml").read_text()
    assert [name for name in danger if name not in text] == []


def test_a_question_is_asked_once_per_place() -> None:
    found = ruleset().follow_ups
    for part in (*found.after_symptoms, *found.after_answers):
        assert len(set(part.ask)) == len(part.ask)
    assert not set(found.danger) & set(found.every_day)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("danger", "ask"), ["stools_per_day"], "type boolean"),
        (("danger", "ask"), ["tastes_blue"], "tastes_blue is none"),
        (("danger", "ask"), ["sex"], "sex is none"),
        (("every_day", "ask"), [], "a list of questions"),
        (("every_day", "colour"), "red", "colour"),
        (("after", "rectal_bleeding", "values"), ["green"], "choices"),
        (("after", "rectal_bleeding", "values"), [], "choices"),
        (("after", "tastes_blue"), {"values": ["x"], "ask": ["unwell"]}, "choices"),
        (("symptom", "tastes_blue"), {"from": 1, "ask": ["unwell"]}, "no such symptom"),
        (("symptom", "rash", "from"), 0, "1 to 4"),
        (("symptom", "rash", "from"), Decimal("1.5"), "1 to 4"),
        (("mark", "body"), ["tastes_blue"], "symptoms"),
        (("mark", "area", "rash"), "stools_per_day", "percent"),
        (("mark", "area", "rash"), "tastes_blue", "percent"),
        (("mark", "area", "tastes_blue"), "rash_bsa_percent", "percent"),
        (("mark", "photo", "rash"), "face", "hands"),
        (("mark", "photo", "tastes_blue"), "rash", "unknown symptom"),
        (("mark", "sound"), ["rash"], "sound"),
        (("choice", "stool_mucus"), {"none": {"en": "None", "zh": "没有"}}, "words for each"),
        (("sounds",), {}, "sounds"),
    ],
)
def test_a_file_that_says_something_unknown_does_not_load(
    path: tuple[str, ...], value: object, says: str
) -> None:
    raw: Any = copy.deepcopy(WHOLE)
    place = raw
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(RuleError, match=says):
        parse(raw)


def test_a_rule_set_kept_from_before_has_none(tmp_path: Path) -> None:
    for file in DATA.rglob("*"):
        if file.is_file() and file.name != "followups.toml":
            target = tmp_path / file.relative_to(DATA)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    assert load_ruleset(tmp_path).follow_ups == NO_FOLLOW_UPS
