"""Candidate causes: exposure first, then what speaks for and against; the dose record is evidence."""

from collections.abc import Mapping

import pytest

from backend.clinical.document import RuleError
from backend.clinical.drugs import parse_drug, with_patterns
from backend.clinical.flagging import Flag, assess_flags
from tests.clinical.ruleset import facts_of, ruleset

ICI = {"days_since_first_ql1706": 45, "days_since_last_ql1706": 9}
STOOLS = {"stools_over_baseline": 5, **ICI, "cycle_day": 12}


def raised(flag_id: str, values: Mapping[str, object]) -> Flag:
    flags = assess_flags(facts_of(values, {}), ruleset())
    return next(flag for flag in flags if flag.id == flag_id)


def ranks(flag: Flag) -> list[str]:
    return [cause.component for cause in flag.causes]


def test_dechallenge_turns_from_the_tablet_to_ql1706() -> None:
    today = {**STOOLS, "capecitabine_on": False, "days_since_last_capecitabine": 0}
    assert ranks(raised("DIARRHOEA", today))[0] == "capecitabine"
    third = {**STOOLS, "capecitabine_on": False, "days_since_last_capecitabine": 3}
    flag = raised("DIARRHOEA", third)
    assert ranks(flag)[0] == "ql1706"
    (cause,) = [cause for cause in flag.causes if cause.component == "capecitabine"]
    assert any("dechallenge" in text for text in cause.opposes)


def test_taken_again_it_is_asked_whether_it_came_back() -> None:
    day = {"hand_foot_severity": 2, "regorafenib_on": True, "days_since_regorafenib_resumed": 10}
    (cause,) = [one for one in raised("HAND_FOOT", day).causes if one.component == "regorafenib"]
    assert any("rechallenge" in text for text in cause.supports)
    later = {**day, "days_since_regorafenib_resumed": 22}
    (cause,) = [one for one in raised("HAND_FOOT", later).causes if one.component == "regorafenib"]
    assert not any("rechallenge" in text for text in cause.supports)


def test_nothing_known_of_the_doses_speaks_neither_for_nor_against() -> None:
    flag = raised("DIARRHOEA", {**STOOLS, "capecitabine_on": True})
    (cause,) = [one for one in flag.causes if one.component == "capecitabine"]
    said = (*cause.supports, *cause.opposes)
    assert not any("challenge" in text for text in said)


def test_ql1706_is_never_off_for_long_enough_to_be_cleared() -> None:
    for drug in ruleset().drugs.values():
        if drug.id == "ql1706":
            assert not any(pattern.opposes for pattern in drug.patterns)


DRUG = {
    "title": {"en": "x", "zh": "x"},
    "pattern": [
        {
            "flags": ["RASH"],
            "for": [{"when": {"fact": "regorafenib_on"}, "text": "taken"}],
            "source": "x",
            "mark": "P",
        }
    ],
}
PATTERN = DRUG["pattern"][0]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"colour": 1}, "unknown colour"),
        ({"title": {"en": "x"}}, "zh must be a text"),
        ({"pattern": [{**PATTERN, "mark": "X"}]}, "one of read"),
        ({"pattern": [{**PATTERN, "y": 1}]}, "unknown y"),
        ({"pattern": [{**PATTERN, "for": []}]}, "given, or against"),
        ({"pattern": [{**PATTERN, "for": [{"when": {"fact": "unheard"}, "text": "x"}]}]}, "a decl"),
    ],
)
def test_a_wrong_drug_does_not_load(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        parse_drug({**DRUG, **change}, "regorafenib", ruleset().facts, ruleset().definitions)


def test_a_drug_is_a_component_of_the_treatment() -> None:
    with pytest.raises(RuleError, match="named like a component"):
        parse_drug(DRUG, "aspirin", ruleset().facts, ruleset().definitions)


def test_a_pattern_is_about_a_flag_that_has_the_drug_as_a_candidate() -> None:
    rules = ruleset()
    drug = parse_drug(DRUG, "regorafenib", rules.facts, rules.definitions)
    (flag,) = with_patterns([rules.flags["RASH"]], [drug])
    (cause,) = [one for one in flag.causes if one.component == "regorafenib"]
    assert cause.supports[-1].text == "taken"
    with pytest.raises(RuleError, match="no flag RASH"):
        with_patterns([rules.flags["DIARY_SILENCE"]], [drug])
    other = parse_drug(
        {**DRUG, "pattern": [{**PATTERN, "flags": ["DIARY_SILENCE"]}]},
        "regorafenib",
        rules.facts,
        rules.definitions,
    )
    with pytest.raises(RuleError, match="no flag DIARY_SILENCE with"):
        with_patterns([rules.flags["DIARY_SILENCE"]], [other])
