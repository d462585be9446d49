"""What a laboratory result can be: the units of each analyte and the values a sample can have."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.document import RuleError, Table, to_decimal
from backend.clinical.units import Units

_TWO = 2


@dataclass(frozen=True, slots=True)
class Plausible:
    """Per analyte and canonical unit the lowest and the highest value, both still possible."""

    spans: Mapping[str, Mapping[str, tuple[Decimal, Decimal]]]
    units: Units

    def units_of(self, analyte: str) -> tuple[str, ...]:
        """Give the canonical units that the analyte is reported in, the usual one first."""
        return tuple(self.spans[analyte])

    def unit_of(self, analyte: str, reported: str) -> str | None:
        """Give the analyte's canonical unit that a spelling means; None where it means none."""
        meanings = self.units.meanings(reported)
        return next((unit for unit in self.spans[analyte] if unit in meanings), None)

    def fault_of(self, analyte: str, value: Decimal, unit: str) -> str | None:
        """Say why a value in a canonical unit cannot be; None where it can."""
        lowest, highest = self.spans[analyte][unit]
        if lowest <= value <= highest:
            return None
        return f"from {lowest} to {highest} {unit} is expected"


def parse_plausible(raw: Mapping[str, object], units: Units) -> Plausible:
    """Read plausible.toml: every analyte, and nothing else.

    Raises:
        RuleError: an unknown or missing analyte, an unknown unit, two units that one spelling may
            mean, or something else than a lowest and a highest value.
    """
    document = Table(raw, "plausible.toml")
    named = set(document.names())
    if named != set(units.analytes):
        odd = ", ".join(sorted(named ^ set(units.analytes)))
        message = f"plausible.toml: unknown or missing analyte: {odd}"
        raise RuleError(message)
    return Plausible(
        {analyte: _spans(document.table(analyte), units) for analyte in document.names()}, units
    )


def _spans(table: Table, units: Units) -> dict[str, tuple[Decimal, Decimal]]:
    for spelling, meanings in units.units.items():
        if len(meanings & set(table.names())) > 1:
            message = f"{table.where}: {spelling} may mean two of its units"
            raise RuleError(message)
    return {unit: _span(table, unit, units) for unit in table.names()}


def _span(table: Table, unit: str, units: Units) -> tuple[Decimal, Decimal]:
    if unit not in units.meanings(unit):
        table.refuse(unit, "about a unit of units.toml")
    raw = table.raw(unit)
    bounds = [to_decimal(bound) for bound in raw] if isinstance(raw, list) else []
    numbers = [bound for bound in bounds if bound is not None]
    if len(bounds) != _TWO or len(numbers) != _TWO or not 0 <= numbers[0] < numbers[1]:
        table.refuse(unit, "the lowest and the highest value")
    return numbers[0], numbers[1]
