"""Laboratory limits, unit spellings, analyte names, and the factors that flags use."""

from decimal import Decimal

import pytest

from backend.clinical.document import RuleError
from backend.clinical.facts import LabValue
from backend.clinical.limits import parse_limit
from backend.clinical.units import fold, parse_analytes, parse_units
from tests.clinical.ruleset import ruleset

D = Decimal
LAB = LabValue(D("1.65"), "mg/dL", D("0.2"), D("1.1"), D("0.55"), decision_limit=D("1.65"))


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("> 1.5 x ULN", False),
        (">= 1.5 x ULN", True),
        ("> ULN", True),
        ("< LLN", False),
        ("<= 3 x BASELINE", True),
        ("> 3 x BASELINE", False),
        ("> 1.6", True),
        ("> UPPER + 0.5", True),
        ("> UPPER + 0.55", False),
        (">= DECISION", True),
    ],
)
def test_a_limit_is_exact(text: str, *, truth: bool) -> None:
    assert parse_limit(text, "here").truth(LAB) is truth


@pytest.mark.parametrize("text", ["> ULN", "< LLN", "> BASELINE", "> UPPER", "> DECISION"])
def test_a_limit_whose_reference_is_missing_is_not_known(text: str) -> None:
    assert parse_limit(text, "here").truth(LabValue(D(1), "U/L")) is None


def test_the_upper_reference_is_the_higher_of_limit_and_baseline() -> None:
    upper = parse_limit("> UPPER", "here")
    assert upper.bound(LabValue(D(1), "g/L", uln=D(60), baseline=D(65))) == D(65)
    assert upper.bound(LabValue(D(1), "g/L", uln=D(65), baseline=D(60))) == D(65)
    assert upper.bound(LabValue(D(1), "g/L", uln=D(65))) == D(65)
    assert upper.bound(LabValue(D(1), "g/L", baseline=D(65))) is None


def test_a_limit_in_words() -> None:
    assert parse_limit("> 1.5 x ULN", "x").describe(LAB) == "1.65 mg/dL > 1.5 x ULN (1.65)"
    assert parse_limit("<= 3", "x").describe(LabValue(D(2), "")) == "2 ≤ 3"


@pytest.mark.parametrize("text", ["", "ULN", "> x", "= 3", "> 3 x", "> 3x ULN", "> 3 x uln", "3 <"])
def test_what_is_no_limit_does_not_load(text: str) -> None:
    with pytest.raises(RuleError, match="is no limit"):
        parse_limit(text, "here")


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [
        ("10^9/L", "10^9/L"), ("10*9/L", "10^9/L"), ("G/L", "10^9/L"), ("x10E9/L", "10^9/L"),
        ("10⁹/L", "10^9/L"), ("K/µL", "10^9/L"), ("/mm3", "/mm3"), ("/µL", "/mm3"),
        ("cells/uL", "/mm3"), ("µmol/L", "umol/L"), ("μmol/l", "umol/L"), ("UMOL/L", "umol/L"),
        ("IU/L", "U/L"), ("u/l", "U/L"), ("G/L", "g/L"), ("g / dL", "g/dL"), ("MG/DL", "mg/dL"),
        ("\u00d710⁹/L", "10^9/L"), ("x10³/μL", "10^9/L"), ("10(9)/L", "10^9/L"), ("10**9/L", "10^9/L"),
        ("thou/mm3", "10^9/L"), ("mm³", "/mm3"), ("cells/mcL", "/mm3"), ("/cmm", "/mm3"),
        ("mmol·L⁻¹", "mmol/L"), ("mmol L-1", "mmol/L"), ("g·L\u22121", "g/L"), ("µmol·L-1", "umol/L"),
        ("ug/L", "ng/mL"), ("pg/mL", "ng/L"), ("mU/L", "mIU/L"), ("", "ratio"),
    ],
)  # fmt: skip
def test_a_spelling_means_its_unit(spelling: str, unit: str) -> None:
    assert unit in ruleset().units.meanings(spelling)


def test_an_unknown_unit_means_nothing() -> None:
    assert ruleset().units.meanings("10^8/L") == frozenset()
    assert ruleset().units.meanings("G/cL") == frozenset()


@pytest.mark.parametrize(
    ("name", "analyte"),
    [
        ("ALT", "alt"), ("SGPT", "alt"), ("total bilirubin", "bilirubin"), ("TBIL", "bilirubin"),
        ("HGB", "haemoglobin"), ("hemoglobin", "haemoglobin"), ("neutrophils", "anc"),
        ("albumin-corrected calcium", "calcium_corrected"), ("ionized calcium", "calcium_ionized"),
        ("血红蛋白", "haemoglobin"), ("CPK", "ck"), ("troponin I", "troponin_i"), ("K+", "potassium"),
    ],
)  # fmt: skip
def test_a_name_means_its_analyte(name: str, analyte: str) -> None:
    assert ruleset().units.analyte(name) == analyte
    assert ruleset().units.analyte("unobtainium") is None


def test_folding_keeps_what_matters() -> None:
    assert fold("Albumin-corrected  Calcium") == fold("albumin corrected calcium")
    assert fold("10^9/L") != fold("10^8/L")


def test_a_factor_turns_a_result_into_the_fact_of_flags() -> None:
    units = ruleset().units
    haemoglobin = units.analytes["haemoglobin"]
    assert units.convert(haemoglobin, LabValue(D(12), "g/dL")) == 10
    assert units.convert(haemoglobin, LabValue(D(120), "G/L")) == 1
    assert units.convert(haemoglobin, LabValue(D(12), "furlong")) is None


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        ({"a": {"title": "A", "unit": "x", "fact": "f", "colour": 1}}, "unknown colour"),
        (
            {"a": {"title": "A", "unit": "x", "fact": "f", "factors": {"y": 2}}},
            "where there are factors",
        ),
        (
            {
                "a": {"title": "A", "unit": "x", "fact": "f", "names": ["B"]},
                "b": {"title": "B", "unit": "x", "fact": "g"},
            },
            "means a and b",
        ),
        ({"a": {"unit": "x", "fact": "f"}}, "title must be a text"),
    ],
)
def test_a_wrong_analyte_does_not_load(raw: dict[str, object], complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        parse_analytes(raw)


def test_units_are_lists_of_spellings() -> None:
    assert parse_units({"g/L": ["gram/L"]}) == {"g/l": {"g/L"}, "gram/l": {"g/L"}}
    with pytest.raises(RuleError, match="a list of texts"):
        parse_units({"g/L": "gram/L"})
