"""An independent oracle: the v4 laboratory rows of pharmaverse/admiral's own tests."""

from collections import Counter
from decimal import Decimal

import pytest

from backend.clinical.facts import Facts, LabValue
from backend.clinical.grading import grade_term
from backend.clinical.gradingrules import GradingRule
from backend.clinical.rules import derive_facts
from tests.clinical.ruleset import reference, reference_rows, ruleset

ROWS = reference_rows("admiral_ctcae_v4_lab_cases.csv")


def parts_of(row: dict[str, str]) -> tuple[GradingRule, str, bool | None]:
    """Return the rule, the analyte and whether the sample was fasting, from admiral's term."""
    name = row["term"].lower()
    plain = name.removesuffix(" (ionized)").removesuffix(" (fasting)")
    rule = next(rule for rule in ruleset().gradings.values() if rule.term.name.lower() == plain)
    analytes = sorted(rule.analytes)
    ionized = "ionized" in name or len(analytes) == 1
    fasting = "fasting" in name if plain == "hyperglycemia" else None
    return rule, analytes[-1] if ionized else analytes[0], fasting


def graded(row: dict[str, str]) -> int | None:
    rule, analyte, fasting = parts_of(row)
    value = Decimal(row["aval"])
    numbers = {
        name: Decimal(row[name]) if row[name] else None for name in ("anrlo", "anrhi", "base")
    }
    if row["pchg"]:
        numbers["base"] = value / (1 + Decimal(row["pchg"]) / 100)
    lab = LabValue(value, row["unit"], numbers["anrlo"], numbers["anrhi"], numbers["base"], fasting)
    return grade_term(rule, derive_facts(Facts({}, {analyte: lab}), ruleset()), ruleset()).grade


def known_difference(  # noqa: PLR0911 -- one line per known difference
    row: dict[str, str], grade: int | None
) -> str | None:
    """Name the reason why this row is not to be copied; None where it is."""
    term, expected = row["term"].lower(), row["expected_grade"]
    alone = (row["base"] + row["pchg"] == "") or row["anrhi"] + row["anrlo"] == ""
    if term == "hypercalcemia (ionized)" and row["unit"] == "mg/dL" and grade is None:
        return "ionised calcium in mg/dL is not in CTCAE"
    if term == "hypokalemia" and (expected, grade) == ("2", 1):
        return "3.0 to the lower limit is grade 1 unless symptomatic"
    if term == "hypertriglyceridemia" and row["aval"] in ("1.71", "150") and grade == 1:
        return "exactly 1.71 or 150 is grade 1"
    if term == "inr increased" and row["base"]:
        return "the baseline counts on anticoagulation only"
    if term in ("inr increased", "creatinine increased", "fibrinogen decreased"):
        return "a normal value is 0 though one branch is missing" if alone and grade == 0 else None
    # These two are not in the reference's list: they follow from the same decisions.
    if term == "hyperglycemia" and (expected, grade) == ("0", None):
        return "not fasting: no grade below the limit of grade 3, or no upper limit known"
    if term == "hyperuricemia" and (expected, grade) == ("3", 1):
        return "up to the limit grade 1 unless consequences are stated"
    if term == "hyperuricemia" and not row["unit"] and (expected, grade) == ("0", None):
        return "a value without a unit has no column"
    return None


@pytest.mark.parametrize("row", [row for row in ROWS if row["aval"]], ids=str)
def test_row(row: dict[str, str]) -> None:
    grade = graded(row)
    expected = int(row["expected_grade"]) if row["expected_grade"] else None
    assert grade == expected or known_difference(row, grade) is not None, (grade, expected)


def test_the_differences_are_these_and_no_more() -> None:
    reference("admiral_ctcae_v4_lab_cases.csv")
    found: Counter[str] = Counter()
    for row in ROWS:
        if row["aval"]:
            grade = graded(row)
            if str(grade if grade is not None else "") != row["expected_grade"]:
                found[known_difference(row, grade) or "unexplained"] += 1
    assert found == {
        "ionised calcium in mg/dL is not in CTCAE": 13,
        "the baseline counts on anticoagulation only": 5,
        "3.0 to the lower limit is grade 1 unless symptomatic": 4,
        "not fasting: no grade below the limit of grade 3, or no upper limit known": 4,
        "up to the limit grade 1 unless consequences are stated": 4,
        "a normal value is 0 though one branch is missing": 3,
        "exactly 1.71 or 150 is grade 1": 2,
        "a value without a unit has no column": 2,
    }
