"""Days just inside and just outside the thresholds of the reference's section 10."""

import json
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backend.cli.vocabulary_assess import read_day
from backend.clinical.pipeline import assess
from tests.clinical.ruleset import ruleset

TEXT = Path(__file__).with_name("neighbours.toml").read_text(encoding="utf-8")
# Through JSON, so that numbers arrive as they do on the command line.
DOCUMENT: Mapping[str, Any] = json.loads(
    json.dumps(tomllib.loads(TEXT)), parse_float=Decimal, parse_int=Decimal
)
CASES = [pytest.param(case, id=case["section"]) for case in DOCUMENT["case"]]


@pytest.mark.parametrize("case", CASES)
def test_neighbour(case: Mapping[str, Any]) -> None:
    context = {"baseline": DOCUMENT["baseline"], **DOCUMENT["context"][case["context"]]}
    day = read_day({"context": context, "input": case["input"]}, ruleset())
    found = assess(day.facts, ruleset())
    raised = {flag.id: flag.tier for flag in found.flags}
    expected = case.get("flags", {})
    assert not day.unread
    assert expected.keys() <= ruleset().flags.keys()
    assert {name: raised.get(name, "none") for name in expected} == expected
    assert found.tier == case.get("tier", found.tier), raised
    assert found.irae.level == case.get("irae", found.irae.level), raised
    assert set(case.get("organs", ())) <= set(found.irae.organs)
