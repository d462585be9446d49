"""A vital sign's unit leads to one fact or one analyte, never to both or to none."""

from decimal import Decimal

import pytest

from backend.clinical.document import RuleError
from backend.clinical.vitals import parse_vitals
from tests.clinical.ruleset import ruleset


@pytest.mark.parametrize("unit", [{}, {"fact": "unheard"}, {"fact": "weight_kg", "analyte": "alt"}])
def test_a_unit_that_leads_nowhere_or_twice_does_not_load(unit: dict[str, str]) -> None:
    rules = ruleset()
    with pytest.raises(RuleError, match="a declared fact, or else"):
        parse_vitals({"weight": {"kg": unit}}, rules.facts, rules.units.analytes)


def test_a_limit_is_told_in_the_unit_of_the_scale() -> None:
    pounds = ruleset().vitals["weight"]["[lb_av]"]
    assert pounds.revert(None) is None
    assert pounds.revert(Decimal(100)) == Decimal("220.5")
    assert ruleset().vitals["weight"]["kg"].revert(Decimal(100)) == Decimal(100)
