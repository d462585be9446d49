"""Candidate causes: exposure first, then what speaks for and against; the dose record is evidence."""

from collections.abc import Mapping

import pytest

from backend.clinical.document import RuleError
from backend.clinical.drugs import parse_drug, with_patterns
from backend.clinical.flagging import Flag, assess_flags
from tests.clinical.ruleset import facts_of, ruleset

RT_SOON = {"days_since_scrt_end": 17}
RT_LONG_AGO = {"days_since_scrt_end": 42}
ICI = {"days_since_first_ql1706": 45, "days_since_last_ql1706": 9}
ICI_NEW = {"days_since_first_ql1706": 7, "days_since_last_ql1706": 7}
CAPE = {"capecitabine_on": True, "capecitabine_cycle": 3, "cycle_day": 10}
REGO = {"regorafenib_on": True}
CAPOX = {**CAPE, "days_since_oxaliplatin": 9, "oxaliplatin_doses": 3}
ALL = {**ICI, **CAPOX, **REGO}
ALT = {"unit": "U/L", "uln": 40}
# Finding, exposure, results -> flag and tier, and the causes that lead, in their order.
TABLE = {
    "mild, radiotherapy only": (
        {"stools_over_baseline": 2, **RT_SOON},
        {},
        ("DIARRHOEA", "routine", ["radiotherapy"]),
    ),
    "mild, soon after radiotherapy": (
        {"stools_over_baseline": 2, **RT_SOON, **ALL},
        {},
        ("DIARRHOEA", "routine", ["radiotherapy", "capecitabine", "ql1706"]),
    ),
    "mild for 3 days": (
        {"stools_over_baseline": 2, "diarrhoea_days": 3, **RT_LONG_AGO, **ICI, **CAPE},
        {},
        ("DIARRHOEA", "same_day", ["ql1706", "capecitabine"]),
    ),
    "4 to 6 stools": (
        {"stools_over_baseline": 5, **RT_LONG_AGO, **ICI, **CAPE, **REGO},
        {},
        ("DIARRHOEA", "urgent", ["capecitabine", "ql1706", "regorafenib", "radiotherapy"]),
    ),
    "4 stools after radiotherapy only": (
        {"stools_over_baseline": 4, **RT_SOON},
        {},
        ("DIARRHOEA", "same_day", ["radiotherapy", "other"]),
    ),
    "7 stools": (
        {"stools_over_baseline": 7, **RT_LONG_AGO, **ALL},
        {},
        ("DIARRHOEA", "urgent", ["ql1706"]),
    ),
    "blood and slime": (
        {"stools_over_baseline": 2, "rectal_bleeding": "moderate", "stool_mucus": "new", **ALL},
        {},
        ("COLITIS_SUSPECT", "urgent", ["ql1706", "disease", "regorafenib"]),
    ),
    "streaks soon after radiotherapy": (
        {"stools_over_baseline": 2, "rectal_bleeding": "streaks", **RT_SOON, **ALL},
        {},
        ("COLITIS_SUSPECT", "same_day", ["radiotherapy", "disease"]),
    ),
    "ALT up to 3 times": (
        ALL,
        {"alt": {**ALT, "value": 84}},
        ("HEPATIC", "routine", ["regorafenib", "ql1706"]),
    ),
    "ALT above 2.5 times on capecitabine": (
        ALL,
        {"alt": {**ALT, "value": 112}},
        ("CAPECITABINE_HEPATIC_HOLD", "same_day", ["capecitabine", "regorafenib"]),
    ),
    "ALT above 3 times": (
        {**ICI_NEW, **REGO, "days_since_first_ql1706": 30},
        {"alt": {**ALT, "value": 168}},
        ("HEPATIC", "same_day", ["ql1706", "regorafenib"]),
    ),
    "ALT above 5 times": (
        ALL,
        {"alt": {**ALT, "value": 280}},
        ("HEPATIC", "urgent", ["ql1706", "regorafenib"]),
    ),
    "Hy's law": (
        {**REGO, "days_since_first_ql1706": 33, "days_since_last_ql1706": 12},
        {"alt": {**ALT, "value": 160}, "bilirubin": {"value": 49, "unit": "umol/L", "uln": 20}},
        ("HYS_LAW", "emergency", ["regorafenib", "ql1706"]),
    ),
    "soles, where they press": (
        {"hand_foot_severity": 4, "hfs_site": "pressure points", **ALL},
        {},
        ("HAND_FOOT", "urgent", ["regorafenib", "capecitabine"]),
    ),
    "diffuse, later": (
        {"hand_foot_severity": 2, "hfs_site": "diffuse", **ALL},
        {},
        ("HAND_FOOT", "same_day", ["capecitabine"]),
    ),
    "rash": (
        {"rash_bsa_percent": 22, **ALL},
        {},
        ("RASH", "same_day", ["ql1706", "regorafenib"]),
    ),
    "headache on high pressure": (
        {"headache_severity": 2, "sbp_mmhg": 165, **ALL},
        {},
        ("HYPERTENSION", "urgent", ["regorafenib"]),
    ),
    "headache and tired": (
        {"headache_severity": 2, "fatigue_severity": 2, "sbp_mmhg": 116, **ALL},
        {},
        ("HYPOPHYSITIS_SUSPECT", "urgent", ["ql1706"]),
    ),
    "fever on CAPOX": (
        {"temperature_c": 38, **ALL},
        {},
        ("FEVER_ON_CHEMO", "emergency", ["oxaliplatin"]),
    ),
    "fever on QL1706 only": (
        {"temperature_c": 38, **ICI},
        {},
        ("FEVER_ICI", "urgent", ["other", "ql1706"]),
    ),
    "throat and breath on the day of oxaliplatin": (
        {
            "shortness_of_breath_severity": 2,
            "cold_throat": True,
            "days_since_oxaliplatin": 0,
            **ICI,
        },
        {},
        ("DYSPNOEA", "urgent", ["oxaliplatin"]),
    ),
    "breathless later": (
        {"shortness_of_breath_severity": 1, "cough_severity": 1, **ALL},
        {},
        ("DYSPNOEA", "same_day", ["ql1706"]),
    ),
    "chest pain in the first cycle": (
        {"chest_pain": True, **REGO, **ICI_NEW, "capecitabine_on": True, "capecitabine_cycle": 1},
        {},
        ("CHEST_PAIN", "emergency", ["capecitabine", "regorafenib"]),
    ),
    "creatinine with diarrhoea": (
        {"stools_over_baseline": 5, **ICI},
        {"creatinine": {"value": 110, "unit": "umol/L", "baseline": 70}},
        ("CREATININE", "same_day", ["other", "ql1706"]),
    ),
    "glucose later in the cycle": (
        ALL,
        {"glucose": {"value": 15, "unit": "mmol/L"}},
        ("HYPERGLYCAEMIA", "urgent", ["ql1706"]),
    ),
    "platelets at the lowest": (
        {**ICI, **REGO, "days_since_oxaliplatin": 17, "oxaliplatin_doses": 3},
        {"platelets": {"value": 42, "unit": "10^9/L"}},
        ("THROMBOCYTOPENIA", "urgent", ["oxaliplatin", "regorafenib"]),
    ),
    "weak with numbness": (
        {"progressive_limb_weakness": True, "numbness_tingling_severity": 2, **ALL},
        {},
        ("MYOSITIS_SUSPECT", "urgent", ["ql1706"]),
    ),
}


STOOLS = {"stools_over_baseline": 5, **ICI, "cycle_day": 12}


def raised(
    flag_id: str, values: Mapping[str, object], labs: Mapping[str, object] | None = None
) -> Flag:
    flags = assess_flags(facts_of(values, labs or {}), ruleset())
    return next(flag for flag in flags if flag.id == flag_id)


def ranks(flag: Flag) -> list[str]:
    return [cause.component for cause in flag.causes]


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
def test_decision_table(
    row: tuple[dict[str, object], dict[str, object], tuple[str, str, list[str]]],
) -> None:
    values, labs, (flag_id, tier, leading) = row
    flag = raised(flag_id, values, labs)
    assert flag.tier == tier
    assert ranks(flag)[: len(leading)] == leading, flag.causes
    if "days_since_first_ql1706" in values:
        assert "ql1706" in ranks(flag)


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
