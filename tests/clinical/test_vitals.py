"""A vital sign's unit leads to one fact or one analyte, never to both or to none."""

import pytest

from backend.clinical.document import RuleError
from backend.clinical.vitals import parse_vitals
from tests.clinical.ruleset import ruleset


@pytest.mark.parametrize("unit", [{}, {"fact": "unheard"}, {"fact": "weight_kg", "analyte": "alt"}])
def test_a_unit_that_leads_nowhere_or_twice_does_not_load(unit: dict[str, str]) -> None:
    rules = ruleset()
    with pytest.raises(RuleError, match="a declared fact, or else"):
        parse_vitals({"weight": {"kg": unit}}, rules.facts, rules.units.analytes)
