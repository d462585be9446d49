"""Facts that follow from others: formulas, skipped questions, denials, results, corrections."""

from datetime import date
from decimal import Decimal

import pytest

from backend.clinical.corrections import parse_corrections
from backend.clinical.derive import parse_derivations
from backend.clinical.document import RuleError
from backend.clinical.facts import FactDeclaration, Facts, LabValue, Value
from backend.clinical.rules import derive_facts
from tests.clinical.ruleset import ruleset

D = Decimal


def derived(values: dict[str, Value], labs: dict[str, LabValue] | None = None) -> Facts:
    return derive_facts(Facts(values, labs or {}), ruleset())


def test_differences_and_percentages() -> None:
    known = derived(
        {
            "stools_per_day": D(5),
            "baseline_stools_per_day": D(2),
            "weight_kg": D("76"),
            "baseline_weight_kg": D("80"),
        }
    ).values
    assert known["stools_over_baseline"] == 3
    assert known["weight_loss_percent"] == 5
    assert known["weight_gain_percent"] == -5


def test_without_its_baseline_nothing_follows() -> None:
    assert "stools_over_baseline" not in derived({"stools_per_day": D(5)}).values
    assert (
        "weight_loss_percent" not in derived({"weight_kg": D(5), "baseline_weight_kg": D(0)}).values
    )


def test_what_was_given_stays_as_given() -> None:
    given: dict[str, Value] = {
        "stools_per_day": D(5),
        "baseline_stools_per_day": D(2),
        "stools_over_baseline": D(9),
    }
    assert derived(given).values["stools_over_baseline"] == 9
    both: dict[str, Value] = {"temperature_c": D(37), "temperature_f": D(104)}
    assert derived(both).values["temperature_c"] == 37


@pytest.mark.parametrize(("fahrenheit", "celsius"), [("100.4", 38), ("102.2", 39), ("104.0", 40)])
def test_fahrenheit_meets_the_published_bounds_exactly(fahrenheit: str, celsius: int) -> None:
    assert derived({"temperature_f": D(fahrenheit)}).values["temperature_c"] == celsius


def test_the_worse_of_two_moods_counts() -> None:
    assert derived({"sad_severity": D(1)}).values["low_mood_severity"] == 1
    both: dict[str, Value] = {"sad_severity": D(1), "discouraged_severity": D(3)}
    assert derived(both).values["low_mood_severity"] == 3


def test_a_question_that_was_skipped_after_never_counts_as_none() -> None:
    known = derived({"nausea_frequency": D(0)}).values
    assert known["nausea_severity"] == 0
    known = derived({"headache_frequency": D(2), "headache_severity": D(0)}).values
    assert known["headache_interference"] == 0
    assert "nausea_severity" not in derived({"nausea_frequency": D(1)}).values
    assert (
        derived({"nausea_frequency": D(0), "nausea_severity": D(4)}).values["nausea_severity"] == 4
    )


def test_no_interference_answers_what_it_keeps_from() -> None:
    known = derived({"fatigue_severity": D(2), "fatigue_interference": D(0)}).values
    assert known["fatigue__limits_instrumental_adl"] is False
    assert known["fatigue__limits_self_care_adl"] is False
    assert "fatigue__limits_self_care_adl" not in derived({"fatigue_interference": D(1)}).values
    said: dict[str, Value] = {"fatigue_interference": D(0), "fatigue__limits_self_care_adl": True}
    assert derived(said).values["fatigue__limits_self_care_adl"] is True


def test_a_result_yields_its_facts() -> None:
    lab = LabValue(D(12), "g/dL", lln=D(13), uln=D(17), baseline=D(15), fasting=True)
    known = derived({}, {"haemoglobin": lab}).values
    assert known["hb_g_l"] == 120
    assert known["haemoglobin_fall"] == 30
    assert known["haemoglobin_rise"] == -30
    assert known["haemoglobin_x_lln"] == D(12) / D(13)
    assert known["haemoglobin_x_uln"] == D(12) / D(17)
    assert known["haemoglobin_x_baseline"] == D("0.8")
    assert known["haemoglobin_fasting"] is True


def test_a_result_in_a_strange_unit_yields_only_multiples() -> None:
    known = derived({}, {"alt": LabValue(D(2), "furlong", uln=D(1))}).values
    assert known == {"alt_x_uln": D(2)}
    assert derived({}, {"alt": LabValue(D(2), "furlong", uln=D(0))}).values == {}


def test_calcium_is_corrected_for_albumin() -> None:
    on = date(2026, 3, 2)
    calcium = LabValue(D("2.0"), "mmol/L", D("2.15"), D("2.6"), D("2.2"), collected_on=on)
    labs = derived({}, {"calcium": calcium, "albumin": LabValue(D(3), "g/dL")}).labs
    assert labs["calcium_corrected"] == LabValue(
        D("2.20"), "mmol/L", D("2.15"), D("2.6"), collected_on=on
    )
    mass = derived({}, {"calcium": LabValue(D(8), "mg/dL"), "albumin": LabValue(D(30), "g/L")}).labs
    assert mass["calcium_corrected"].value == D("8.8")


def test_calcium_is_not_corrected_without_what_it_takes() -> None:
    calcium = LabValue(D("2.0"), "mmol/L")
    albumin = LabValue(D(30), "g/L")
    assert "calcium_corrected" not in derived({}, {"calcium": calcium}).labs
    assert "calcium_corrected" not in derived({}, {"albumin": albumin}).labs
    odd = {"calcium": calcium, "albumin": LabValue(D(30), "furlong")}
    assert "calcium_corrected" not in derived({}, odd).labs
    odd = {"calcium": LabValue(D(2), "furlong"), "albumin": albumin}
    assert "calcium_corrected" not in derived({}, odd).labs
    reported = {"calcium": calcium, "albumin": albumin, "calcium_corrected": calcium}
    assert derived({}, reported).labs["calcium_corrected"] == calcium


DECLARED = {
    name: FactDeclaration(name, kind, "patient", "test")
    for name, kind in (("n", "number"), ("m", "number"), ("b", "boolean"))
}


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        ({"x": {"unit": "1"}}, "exactly one of"),
        ({"x": {"unit": "1", "max": ["n"], "min": ["m"]}}, "exactly one of"),
        ({"x": {"unit": "1", "product": ["n", "m"]}}, "exactly one of"),
        ({"x": {"unit": "1", "ratio": ["n"]}}, "a list of 2 facts"),
        ({"x": {"unit": "1", "celsius": ["n", "m"]}}, "a list of 1 facts"),
        ({"x": {"unit": "1", "max": []}}, "a list of 1 facts"),
        ({"x": {"unit": "1", "ratio": ["n", "unheard"]}}, "no declared number"),
        ({"x": {"unit": "1", "ratio": ["n", "b"]}}, "no declared number"),
        ({"x": {"ratio": ["n", "m"]}}, "unit must be a text"),
        ({"n": {"unit": "1", "max": ["m"]}}, "unknown unit"),
        ({"x": {"unit": "1", "max": ["y"]}, "y": {"unit": "1", "max": ["x"]}}, "a circle"),
    ],
)
def test_a_wrong_formula_does_not_load(raw: dict[str, object], complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        parse_derivations(raw, DECLARED)


def test_formulas_over_formulas_come_in_an_order_that_works() -> None:
    raw = {
        "z": {"unit": "1", "ratio": ["y", "n"]},
        "y": {"unit": "1", "percent_above": ["n", "m"]},
        "w": {"unit": "1", "min": ["n", "m"]},
    }
    _, derivations = parse_derivations(raw, DECLARED)
    values: dict[str, Value] = {"n": D(2), "m": D(1)}
    for derivation in derivations:
        value = derivation.value(values)
        assert value is not None
        values[derivation.fact] = value
    assert (values["y"], values["z"], values["w"]) == (100, 50, 1)
    ratio = next(derivation for derivation in derivations if derivation.fact == "z")
    assert ratio.value({"y": D(1), "n": D(0)}) is None
    assert derivations[0].value({}) is None
    rise = next(derivation for derivation in derivations if derivation.fact == "y")
    assert rise.value({"n": D(1), "m": D(0)}) is None


CORRECTION = {
    "target": "calcium_corrected",
    "from": "calcium",
    "unit": "mmol/L",
    "by": "albumin",
    "normal": 40,
    "per": Decimal("0.02"),
    "source": "somewhere",
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"by": "unheard"}, "is no analyte"),
        ({"normal": "x"}, "a number"),
        ({"per": None}, "a number"),
        ({"colour": 1}, "unknown colour"),
    ],
)
def test_a_wrong_correction_does_not_load(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        parse_corrections({"correction": [{**CORRECTION, **change}]}, ruleset().units)
