"""What a laboratory result can be: units that fit their analyte, values that a sample can have."""

from decimal import Decimal

import pytest

from backend.clinical.gradingrules import ANY_UNIT
from backend.clinical.plausible import parse_plausible
from backend.clinical.rules import RuleError
from tests.clinical.ruleset import ruleset


def test_every_unit_that_has_limits_or_a_factor_can_be_reported() -> None:
    reported = ruleset().plausible
    for rule in ruleset().gradings.values():
        for column in rule.columns:
            if column.unit != ANY_UNIT:
                assert column.unit in reported.units_of(column.analyte), rule.id
    for analyte in ruleset().units.analytes.values():
        assert {analyte.unit, *analyte.factors} <= set(reported.units_of(analyte.id))
        assert reported.units_of(analyte.id)[0] == analyte.unit


def test_the_bounds_of_one_analyte_say_the_same_in_each_unit_with_a_factor() -> None:
    for analyte in ruleset().units.analytes.values():
        spans = ruleset().plausible.spans[analyte.id]
        usual = spans[analyte.unit]
        for unit, factor in analyte.factors.items():
            for bound, other in zip(usual, spans[unit], strict=True):
                # Rounded by hand, so never more than a quarter apart.
                assert abs(other * factor - bound) <= bound / 4, (analyte.id, unit)


@pytest.mark.parametrize(
    ("analyte", "reported", "unit"),
    [
        ("anc", "G/L", "10^9/L"),
        ("haemoglobin", "G/L", "g/L"),
        ("anc", "cells/µL", "/mm3"),
        ("alt", "IU/L", "U/L"),
        ("troponin_t", "pg/mL", "ng/L"),
        ("inr", "", "ratio"),
        ("alt", "", None),
        ("alt", "g/L", None),
        ("lymphocytes", "%", None),
        ("potassium", "no such unit", None),
    ],
)
def test_a_spelling_means_a_unit_of_the_analyte_or_none(
    analyte: str, reported: str, unit: str | None
) -> None:
    assert ruleset().plausible.unit_of(analyte, reported) == unit


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "possible"),
    [
        ("anc", "1500", "10^9/L", False),
        ("anc", "1500", "/mm3", True),
        ("platelets", "150000", "10^9/L", False),
        ("haemoglobin", "13.2", "g/L", False),
        ("haemoglobin", "132", "g/dL", False),
        ("haemoglobin", "20", "g/L", True),
        ("calcium", "9.1", "mmol/L", False),
        ("calcium", "2.3", "mg/dL", False),
        ("albumin", "4.1", "g/L", False),
        ("potassium", "42", "mmol/L", False),
        ("anc", "0", "10^9/L", True),
        ("alt", "-1", "U/L", False),
    ],
)
def test_a_wrong_unit_shows(analyte: str, value: str, unit: str, possible: bool) -> None:  # noqa: FBT001
    fault = ruleset().plausible.fault_of(analyte, Decimal(value), unit)
    assert (fault is None) is possible


def whole() -> dict[str, object]:
    return {
        analyte: {unit: list(span) for unit, span in spans.items()}
        for analyte, spans in ruleset().plausible.spans.items()
    }


@pytest.mark.parametrize(
    ("analyte", "table", "says"),
    [
        ("no_such", {"U/L": [0, 1]}, "no_such"),
        ("alt", {"furlong": [0, 1]}, "furlong"),
        ("alt", {"U/L": [1, 0]}, "U/L"),
        ("alt", {"U/L": [0]}, "U/L"),
        ("alt", {"U/L": [0, "many"]}, "U/L"),
        ("alt", {"U/L": 7}, "U/L"),
        ("alt", {"10^9/L": [0, 1], "g/L": [0, 1]}, "two of its units"),
    ],
)
def test_a_wrong_table_does_not_load(analyte: str, table: dict[str, object], says: str) -> None:
    with pytest.raises(RuleError, match=says):
        parse_plausible({**whole(), analyte: table}, ruleset().units)


def test_an_analyte_without_a_span_does_not_load() -> None:
    raw = whole()
    del raw["alt"]
    with pytest.raises(RuleError, match="alt"):
        parse_plausible(raw, ruleset().units)
