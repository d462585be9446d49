"""The rule set, loaded once for all clinical tests, and facts as rule files write them."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from backend.clinical.document import to_decimal
from backend.clinical.facts import PER_TERM, Facts, LabValue, Value, fault_of
from backend.clinical.rules import Ruleset, derive_facts, load_ruleset

REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference"


@cache
def ruleset() -> Ruleset:
    """Return the project's rule set."""
    return load_ruleset()


def reference(name: str) -> Path:
    """Return a reference file, or skip the test where the folder is absent."""
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"the reference folder with {name} is not here: {REFERENCE}")
    return path


def reference_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a reference file; none where the folder is absent."""
    path = REFERENCE / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def facts_of(
    values: Mapping[str, object], labs: Mapping[str, object], term: str | None = None
) -> Facts:
    """Make facts of an example; `term` is the slug for which bare per-term facts are meant."""
    known: dict[str, Value] = {}
    for name, raw in values.items():
        scoped = f"{term}{PER_TERM}{name}"
        full = scoped if scoped in ruleset().facts else name
        declared = ruleset().facts[full]
        value = raw if isinstance(raw, bool | str) else to_decimal(raw)
        assert fault_of(declared, value) is None, (full, raw, fault_of(declared, value))
        assert value is not None
        known[full] = value
    return derive_facts(Facts(known, {name: lab_of(raw) for name, raw in labs.items()}), ruleset())


def lab_of(raw: object) -> LabValue:
    """Make a result of a table with value, unit and limits."""
    assert isinstance(raw, Mapping)
    numbers = {
        name: to_decimal(raw[name]) if name in raw else None
        for name in ("lln", "uln", "baseline", "decision_limit")
    }
    return LabValue(
        value=Decimal(str(raw["value"])),
        unit=str(raw["unit"]),
        fasting=raw.get("fasting"),
        **numbers,
    )
