"""The reference's patient days, read as the command line reads them."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from backend.cli.vocabulary_assess import read_day
from backend.clinical.pipeline import Assessment, assess
from tests.clinical.ruleset import REFERENCE, ruleset

PATH = REFERENCE / "scenario_cases.json"


@cache
def document() -> Mapping[str, Any]:
    """Return the reference file; without cases where the folder is absent."""
    if not PATH.exists():
        return {"cases": [], "boundaries": [], "flag_catalogue": []}
    found: Mapping[str, Any] = json.loads(
        PATH.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal
    )
    return found


def skip_without_reference() -> None:
    """Skip the test where the reference folder is absent."""
    if not PATH.exists():
        pytest.skip(f"the reference folder with scenario_cases.json is not here: {REFERENCE}")


def assess_case(context: Mapping[str, Any], given: Mapping[str, Any]) -> Assessment:
    """Assess one patient day; nothing in it may be without a meaning."""
    day = read_day({"context": context, "input": given}, ruleset())
    assert not day.unread
    return assess(day.facts, ruleset())
