"""Every published interval of 30 laboratory terms, at and beside both of its ends."""

from decimal import Decimal

import pytest

from backend.clinical.facts import Facts, LabValue, Value
from backend.clinical.grading import grade_term
from backend.clinical.rules import derive_facts
from tests.clinical.ruleset import reference_rows, ruleset

STEP = Decimal("0.001")
TEN = Decimal(10)


def graded(row: dict[str, str], value: Decimal) -> int | None:
    """Grade a result with limits that leave the row's interval open."""
    rules = ruleset()
    rule = next(rule for rule in rules.gradings.values() if rule.term.name == row["term"])
    analyte = rules.units.analyte(row["analyte"])
    assert analyte is not None, row["analyte"]
    values: dict[str, Value] = {}
    if row["extra_condition"] == "on anticoagulation":
        values["on_anticoagulation"] = True
    if row["extra_condition"].startswith("AND symptomatic"):
        values[f"{rule.id}__symptomatic"] = True
    unit = "U/L" if row["unit"].startswith("x") else row["unit"]
    fasting = True if row["extra_condition"] == "fasting sample" else None
    limits = reference_limits(row)
    lab = LabValue(value, unit, limits["LLN"], limits["ULN"], limits["BASELINE"], fasting)
    facts = derive_facts(Facts(values, {analyte: lab}), rules)
    return grade_term(rule, facts, rules).grade


def reference_limits(row: dict[str, str]) -> dict[str, Decimal | None]:
    limits: dict[str, Decimal | None] = {"LLN": None, "ULN": None, "BASELINE": None}
    if row["unit"] == "xULN":
        limits["ULN"] = TEN
    elif row["unit"] == "xBASELINE":
        limits["BASELINE"] = TEN
        # The other branch of creatinine must not speak.
        limits["ULN"] = Decimal(1000)
    elif row["ref"] == "ULN":
        limits["ULN"] = Decimal(row["upper"]) * Decimal("0.8")
    elif row["ref"] == "LLN":
        limits["LLN"] = Decimal(row["lower"]) * Decimal("1.2")
    return limits


def ends(row: dict[str, str]) -> tuple[Decimal | None, Decimal | None]:
    limits = reference_limits(row)
    found: list[Decimal | None] = []
    for end in ("lower", "upper"):
        text = row[end]
        if not text:
            found.append(None)
        elif text in limits:
            found.append(limits[text])
        elif row["unit"].startswith("x"):
            found.append(Decimal(text) * TEN)
        else:
            found.append(Decimal(text))
    return found[0], found[1]


@pytest.mark.parametrize(
    "row",
    reference_rows("ctcae_lab_thresholds.csv"),
    ids=lambda row: f"{row['term']} {row['unit']} {row['grade']}",
)
def test_interval(row: dict[str, str]) -> None:
    grade = int(row["grade"])
    lower, upper = ends(row)
    # Grades 1 and 2 of hypokalaemia share one range and differ by symptoms alone.
    if lower is not None:
        assert graded(row, lower + STEP) == grade
        at_end = graded(row, lower)
        assert (at_end == grade) == (row["lower_inclusive"] == "1")
    if upper is not None:
        assert graded(row, upper - STEP) == grade
        at_end = graded(row, upper)
        assert (at_end == grade) == (row["upper_inclusive"] == "1")


def test_the_intervals_are_there() -> None:
    found = reference_rows("ctcae_lab_thresholds.csv")
    if not found:
        pytest.skip("the reference folder is not here")
    assert len(found) == 188
    assert len({row["term"] for row in found}) == 30
