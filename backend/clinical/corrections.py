"""Results that are computed from two others, such as calcium corrected for albumin."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from backend.clinical.document import RuleError, Table
from backend.clinical.facts import LabValue
from backend.clinical.units import Units


@dataclass(frozen=True, slots=True)
class Correction:
    """`target` = `source` + `per` x (`normal` - `by`), for a source in this unit.

    `by` is taken in the unit of its fact (units.Analyte.unit).
    """

    target: str
    source: str
    unit: str
    by: str
    normal: Decimal
    per: Decimal
    citation: str


def parse_corrections(raw: Mapping[str, object], units: Units) -> tuple[Correction, ...]:
    """Read corrections.toml.

    Raises:
        RuleError: an unknown key or analyte, a number missing.
    """
    document = Table(raw, "corrections.toml")
    corrections = tuple(_parse(table) for table in document.tables("correction"))
    document.done()
    for correction in corrections:
        names = {correction.target, correction.source, correction.by}
        if names - units.analytes.keys():
            message = f"corrections.toml: {sorted(names - units.analytes.keys())} is no analyte"
            raise RuleError(message)
    return corrections


def _parse(table: Table) -> Correction:
    normal, per = table.number("normal"), table.number("per")
    if normal is None or per is None:
        table.refuse("normal", "a number, and so must per")
    correction = Correction(
        target=table.text("target"),
        source=table.text("from"),
        unit=table.text("unit"),
        by=table.text("by"),
        normal=normal,
        per=per,
        citation=table.text("source"),
    )
    table.done()
    return correction


def corrected(
    labs: Mapping[str, LabValue], corrections: tuple[Correction, ...], units: Units
) -> dict[str, LabValue]:
    """Return the results with those that can be computed; one that was reported stays as reported.

    The computed result keeps unit, limits and date of its source; its baseline is not known, as
    the baseline's own correction is not.
    """
    found = dict(labs)
    for correction in corrections:
        source, by = labs.get(correction.source), labs.get(correction.by)
        if source is None or by is None or correction.target in found:
            continue
        factor = units.convert(units.analytes[correction.by], by)
        if factor is not None and correction.unit in units.meanings(source.unit):
            rise = correction.per * (correction.normal - by.value * factor)
            found[correction.target] = replace(source, value=source.value + rise, baseline=None)
    return found
