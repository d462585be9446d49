"""Results in the lines of `flask clinical assess`: a number, or an object with unit and limits."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from backend.cli.vocabulary_grade import UnreadableLineError
from backend.clinical.facts import LabValue, is_measurable
from backend.clinical.units import Analyte, Units

WORDS = ("value", "unit", "uln", "lln", "baseline")
LIMITS = ("uln", "lln", "baseline")


def read_result(
    name: str,
    value: object,
    analyte: Analyte,
    usual: Callable[[str], Decimal | None],
    units: Units,
) -> tuple[LabValue, list[str]]:
    """Read one result; returns it with the words of its object that mean nothing here.

    `usual` gives a limit of these lines' laboratory in the analyte's usual unit. It stands in, in
    the unit of the result, for a limit that the result does not bring.

    Raises:
        UnreadableLineError: no number, or a unit in which there is nothing to compare with.
    """
    given: Mapping[str, object] = value if isinstance(value, dict) else {"value": value}
    found = _number(name, given.get("value"))
    if found is None:
        message = f"{name}: a number is expected"
        raise UnreadableLineError(message)
    unit = str(given.get("unit") or analyte.unit)
    limits = {limit: _number(f"{name}.{limit}", given.get(limit)) for limit in LIMITS}
    factor = units.convert(analyte, LabValue(found, unit))
    if factor is not None:
        limits = {
            limit: own if own is not None else _scaled(usual(limit), factor)
            for limit, own in limits.items()
        }
    elif not any(limits.values()):
        known = " or ".join((analyte.unit, *analyte.factors))
        message = f"{name}: {known} is expected, or limits in {unit}"
        raise UnreadableLineError(message)
    result = LabValue(
        found, unit, uln=limits["uln"], lln=limits["lln"], baseline=limits["baseline"]
    )
    return result, [f"{name}.{word}" for word in given if word not in WORDS]


def _scaled(limit: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if limit is None else limit / factor


def _number(name: str, value: object) -> Decimal | None:
    if value is None or is_measurable(value):
        return value
    message = f"{name}: a number is expected"
    raise UnreadableLineError(message)
