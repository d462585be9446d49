"""One laboratory result as reported, read into analyte, unit and limits; nothing is converted."""

from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.rules import Ruleset
from backend.errors import Fault
from backend.models.study import Study

RESULT, SITE, NONE = "result", "site", "none"


@dataclass(frozen=True, slots=True)
class Reported:
    """One result as the laboratory wrote it; limits in the same unit, None where it gave none."""

    analyte: str
    value: Decimal
    unit: str
    lln: Decimal | None
    uln: Decimal | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One result as it is kept: the analyte's id, the canonical name of its unit, whose limits."""

    analyte: str
    value: Decimal
    unit: str
    lln: Decimal | None
    uln: Decimal | None
    limits_from: str


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Where a sample was measured, and of whom: which reference range fits."""

    site: str
    sex: str | None
    study: Study
    ruleset: Ruleset


def read_result(
    reported: Reported, where: str, laboratory: Laboratory
) -> tuple[Measured | None, tuple[Fault, ...]]:
    """Read one result; None and its faults where it cannot be. `where` is its JSON pointer."""
    units = laboratory.ruleset.units
    plausible = laboratory.ruleset.plausible
    analyte = units.analyte(reported.analyte)
    faults = list(_limit_faults(reported, where))
    if analyte is None:
        faults.insert(0, Fault(f"{where}/analyte", "unknown analyte"))
        return None, tuple(faults)
    unit = plausible.unit_of(analyte, reported.unit)
    if unit is None:
        known = ", ".join(plausible.units_of(analyte))
        faults.append(Fault(f"{where}/unit", f"one of {known} is expected"))
    elif detail := plausible.fault_of(analyte, reported.value, unit):
        faults.append(Fault(f"{where}/value", detail))
    if faults or unit is None:
        return None, tuple(faults)
    # Limits come as a pair from one place: the result's own, or else the site's.
    if reported.lln is not None or reported.uln is not None:
        lln, uln, origin = reported.lln, reported.uln, RESULT
    else:
        usual = laboratory.study.range_for(laboratory.site, analyte, unit, laboratory.sex)
        lln, uln = (usual.lln, usual.uln) if usual else (None, None)
        origin = SITE if usual else NONE
    return Measured(analyte, reported.value, unit, lln, uln, origin), ()


def _limit_faults(reported: Reported, where: str) -> list[Fault]:
    lln, uln = reported.lln, reported.uln
    faults = []
    if lln is not None and lln < 0:
        faults.append(Fault(f"{where}/lln", "0 or more is expected"))
    if uln is not None and uln <= 0:
        faults.append(Fault(f"{where}/uln", "above 0 is expected"))
    if lln is not None and uln is not None and lln >= uln:
        faults.append(Fault(f"{where}/lln", "below the upper limit is expected"))
    return faults
