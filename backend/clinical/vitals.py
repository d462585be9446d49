"""Vital signs: which units are taken, and the fact that each becomes."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from backend.clinical.facts import FactDeclaration

_ONE = Decimal(1)
# Home devices show one or two decimals; four keep every conversion exact enough to compare.
_QUANTUM = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class VitalUnit:
    """How one UCUM unit of one vital sign becomes a fact: multiplied, or divided."""

    fact: str
    factor: Decimal = _ONE
    divisor: Decimal = _ONE

    def convert(self, value: Decimal) -> Decimal:
        """Give the value in the fact's own unit; unchanged where the unit is the same."""
        if self.factor == self.divisor:
            return value
        return (value * self.factor / self.divisor).quantize(_QUANTUM).normalize()


def load_vitals(
    file: Path, facts: Mapping[str, FactDeclaration]
) -> dict[str, Mapping[str, VitalUnit]]:
    """Read data/vitals.toml.

    Raises:
        ValueError: a unit has an unknown key, or becomes a fact that is not declared.
    """
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    vitals = {
        vital: {unit: _unit(f"{vital} {unit}", spec) for unit, spec in units.items()}
        for vital, units in raw.items()
    }
    for units in vitals.values():
        for unit in units.values():
            if unit.fact not in facts:
                message = f"vitals.toml: the fact {unit.fact} is not declared"
                raise ValueError(message)
    return vitals


def _unit(where: str, spec: Mapping[str, str]) -> VitalUnit:
    if not spec.keys() <= {"fact", "factor", "divisor"}:
        message = f"vitals.toml: unknown key in {where}"
        raise ValueError(message)
    return VitalUnit(
        spec["fact"], Decimal(spec.get("factor", "1")), Decimal(spec.get("divisor", "1"))
    )
