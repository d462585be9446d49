"""Single days that show what the flags promise: causes, questions, freshness, exemptions."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from backend.clinical.facts import Facts, LabValue
from backend.clinical.pipeline import Assessment, assess, only_about
from tests.clinical.ruleset import facts_of, ruleset


def assessed(values: Mapping[str, object], labs: Mapping[str, object] | None = None) -> Assessment:
    return assess(facts_of(values, labs or {}), ruleset())


def ids(found: Assessment) -> set[str]:
    return {flag.id for flag in found.flags}


def asked(found: Assessment, flag_id: str) -> set[str]:
    return {question.fact for question in found.questions if flag_id in question.about}


IN_WINDOW = {"days_since_first_ql1706": 60, "days_since_last_ql1706": 10}


def test_nothing_known_raises_and_asks_nothing_about_flags() -> None:
    found = assess(Facts(), ruleset())
    assert (found.tier, found.flags, found.questions) == ("none", (), ())


def test_only_components_that_were_given_are_candidates() -> None:
    found = assessed({"stools_over_baseline": 5, "days_since_scrt_end": 8})
    flag = next(flag for flag in found.flags if flag.id == "DIARRHOEA")
    assert [cause.component for cause in flag.causes] == ["radiotherapy", "other"]


def test_a_cause_is_ranked_by_what_speaks_for_it() -> None:
    values = {**IN_WINDOW, "capecitabine_on": True, "stools_over_baseline": 8}
    causes = assessed({**values, "rectal_bleeding": "moderate"}).flags[0].causes
    assert causes[0].component == "ql1706"
    assert "7 stools or more, blood or slime: colitis comes first" in causes[0].supports


def test_a_sign_raises_the_question_that_could_make_it_worse() -> None:
    found = assessed({"stools_over_baseline": 7})
    assert {"dehydration", "temperature_c"} <= asked(found, "DIARRHOEA")
    assert not asked(found, "MG_BULBAR_OCULAR")


def test_what_is_known_is_not_asked_again() -> None:
    found = assessed({"stools_over_baseline": 7, "dehydration": False})
    assert "dehydration" not in asked(found, "DIARRHOEA")


def test_an_old_result_is_not_flagged_again_with_every_diary() -> None:
    found = assessed(
        {"mouth_sores_severity": 2},
        {"platelets": {"value": 60, "unit": "10^9/L"}},
    )
    assert ids(found) == {"THROMBOCYTOPENIA", "MUCOSITIS", "TWO_AMBERS", "PRO_SEVERE_OR_WORSE2"}
    today = only_about(found, frozenset({"mouth_sores_severity"}))
    assert ids(today) == {"MUCOSITIS", "TWO_AMBERS", "PRO_SEVERE_OR_WORSE2"}
    other = only_about(found, frozenset({"fatigue_severity"}))
    assert (ids(other), other.tier, other.irae.level) == (set(), "none", "none")


def test_a_denied_bleeding_does_not_make_old_platelets_news() -> None:
    found = assessed({"melaena": False}, {"platelets": {"value": 60, "unit": "10^9/L"}})
    assert not only_about(found, frozenset({"melaena"})).flags


def test_the_answers_that_raised_the_diary_flag_are_named() -> None:
    found = assessed({"fatigue_severity": 3, "nausea_severity": 1, "previous_nausea_severity": 1})
    assert found.flags[0].inputs == {"fatigue_severity": Decimal(3)}


def test_an_exempt_symptom_and_a_yes_are_no_severe_answer() -> None:
    assert not assessed({"hair_loss_amount": 4, "sun_sensitivity_presence": 1}).flags


def test_platelets_are_a_weak_sign_only_beside_low_neutrophils() -> None:
    platelets = {"value": 60, "unit": "10^9/L"}
    alone = assessed(IN_WINDOW, {"platelets": platelets})
    assert (alone.irae.level, alone.irae.organs) == ("suspected", ("haematologic",))
    both = assessed(IN_WINDOW, {"platelets": platelets, "anc": {"value": 1.4, "unit": "10^9/L"}})
    assert both.irae.level == "possible"


def test_a_flare_on_taper_is_suspected_outside_the_window_as_well() -> None:
    found = assessed({"taper_worse": True, "steroid_taper_organ": "hepatic"})
    assert (found.irae.level, found.irae.organs) == ("suspected", ("hepatic",))


def test_a_year_after_the_last_dose_the_window_ends() -> None:
    day = {"jaundice": True, "days_since_first_ql1706": 500}
    assert assessed({**day, "days_since_last_ql1706": 365}).irae.level == "suspected"
    assert assessed({**day, "days_since_last_ql1706": 366}).irae.level == "none"


def test_one_day_on_record_is_enough_to_know_that_ql1706_was_given() -> None:
    for known in ("days_since_first_ql1706", "days_since_last_ql1706"):
        assert assessed({"jaundice": True, known: 365}).irae.level == "suspected"


def test_an_unmeasured_pressure_does_not_hide_hypophysitis() -> None:
    day = {**IN_WINDOW, "headache_severity": 2, "fatigue_severity": 2}
    assert "HYPOPHYSITIS_SUSPECT" in ids(assessed(day))
    assert "HYPOPHYSITIS_SUSPECT" not in ids(assessed({**day, "sbp_mmhg": 150}))


def test_units_of_the_other_laboratory_mean_the_same() -> None:
    lab = LabValue(Decimal(900), "/mm3")
    facts = Facts({"capecitabine_on": True}, {"anc": lab})
    assert assess(facts, ruleset()).tier == "urgent"
    assert assess(replace(facts, labs={"anc": replace(lab, unit="furlong")}), ruleset()).tier == (
        "none"
    )
