"""Vital signs: which units are taken, and the fact or laboratory value that each becomes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.document import Table
from backend.clinical.facts import FactDeclaration

# Home devices show one or two decimals; four keep a conversion exact enough to compare.
_QUANTUM = Decimal("0.0001")
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class VitalUnit:
    """What one UCUM unit of one vital sign becomes: a fact, times `factor`, or an analyte's value.

    An analyte's value keeps the unit it was measured in: its limits are chosen by that unit.
    """

    fact: str | None
    analyte: str | None
    factor: Decimal | None

    def convert(self, value: Decimal) -> Decimal:
        """Give the value in the fact's own unit; unchanged where the unit is the same."""
        return value if self.factor is None else (value * self.factor).quantize(_QUANTUM)

    def revert(self, limit: Decimal | None) -> Decimal | None:
        """Give a limit of the fact in this unit, to one decimal; None where there is none."""
        if limit is None or self.factor is None:
            return limit
        return (limit / self.factor).quantize(_TENTH)


def parse_vitals(
    raw: Mapping[str, object], facts: Mapping[str, FactDeclaration], analytes: Collection[str]
) -> dict[str, Mapping[str, VitalUnit]]:
    """Read vitals.toml: vital sign -> UCUM unit -> what it becomes.

    Raises:
        RuleError: an unknown key, or something that is no declared fact or analyte.
    """
    document = Table(raw, "vitals.toml")
    return {
        vital: {
            unit: _unit(units.table(unit), facts, analytes)
            for units in [document.table(vital)]
            for unit in units.names()
        }
        for vital in document.names()
    }


def _unit(
    table: Table, facts: Mapping[str, FactDeclaration], analytes: Collection[str]
) -> VitalUnit:
    unit = VitalUnit(
        table.optional("fact", table.text),
        table.optional("analyte", table.text),
        table.number("factor"),
    )
    table.done()
    if (unit.fact in facts) == (unit.analyte in analytes):
        table.refuse("fact", "a declared fact, or else `analyte` an analyte")
    return unit
