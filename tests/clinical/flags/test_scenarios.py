"""The reference's 59 patient days and 44 boundaries come out as its meta.how_to_test says."""

from collections.abc import Mapping
from typing import Any

import pytest

from backend.clinical.flagrules import TIERS
from tests.clinical.flags.cases import assess_case, document, skip_without_reference
from tests.clinical.ruleset import ruleset

CASES = [pytest.param(case, id=case["id"]) for case in document()["cases"]]
BOUNDARIES = [
    pytest.param(case, id=f"{number}-{case['note'] or case['expected']['tier']}")
    for number, case in enumerate(document()["boundaries"], start=1)
]


def test_the_reference_is_read_whole() -> None:
    skip_without_reference()
    assert (len(CASES), len(BOUNDARIES)) == (59, 44)
    assert {flag["id"] for flag in document()["flag_catalogue"]} == set(ruleset().flags)


@pytest.mark.parametrize("case", CASES)
def test_scenario(case: Mapping[str, Any]) -> None:
    expected = case["expected"]
    found = assess_case(case["context"], case["input"])
    raised = {flag.id: flag.tier for flag in found.flags}
    assert {name: raised.get(name) for name in expected["flag_tiers"]} == expected["flag_tiers"]
    assert set(expected["flags"]) <= set(raised)
    assert set(expected["must_not_raise"]).isdisjoint(raised)
    assert found.tier == expected["tier"], raised
    assert found.irae.level == expected["irAE_level"], found.flags
    assert (found.irae.level == "suspected") == expected["suspected_irAE"]
    assert set(expected["irAE_organs"]) <= set(found.irae.organs)


@pytest.mark.parametrize("case", BOUNDARIES)
def test_boundary(case: Mapping[str, Any]) -> None:
    context = document()[case["context"]]
    found = assess_case(context, case["input"])
    assert found.tier == case["expected"]["tier"], found.flags
    assert found.tier == (found.flags[0].tier if found.flags else "none")
    tiers = [TIERS.index(flag.tier) for flag in found.flags]
    assert tiers == sorted(tiers)
