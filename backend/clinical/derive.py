"""Facts that follow from others by a closed set of formulas: differences, ratios, changes in percent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from backend.clinical.corrections import Correction, corrected
from backend.clinical.document import RuleError, Table
from backend.clinical.facts import FactDeclaration, Facts, LabValue, Value
from backend.clinical.units import Analyte, Units

HUNDRED = Decimal(100)


def _ratio(value: Decimal, base: Decimal) -> Decimal | None:
    return value / base if base else None


def _percent_below(value: Decimal, base: Decimal) -> Decimal | None:
    return (base - value) / base * HUNDRED if base else None


def _percent_above(value: Decimal, base: Decimal) -> Decimal | None:
    return (value - base) / base * HUNDRED if base else None


# Two facts in, one out; None where it is not defined (a base of zero).
_OF_TWO: Mapping[str, Callable[[Decimal, Decimal], Decimal | None]] = {
    "difference": lambda left, right: left - right,
    "ratio": _ratio,
    "percent_below": _percent_below,
    "percent_above": _percent_above,
}
# One fact in.
_OF_ONE: Mapping[str, Callable[[Decimal], Decimal]] = {
    # Exact by definition; 100.4, 102.2 and 104.0 °F are 38.0, 39.0 and 40.0 °C.
    "celsius": lambda fahrenheit: (fahrenheit - 32) * 5 / 9,
}
# Any number of facts in, taken over those that are known.
_OF_KNOWN: Mapping[str, Callable[[list[Decimal]], Decimal]] = {
    "max": max,
    "min": min,
}
_COUNTS = {**dict.fromkeys(_OF_ONE, 1), **dict.fromkeys(_OF_TWO, 2)}
FORMULAS = (*_OF_ONE, *_OF_TWO, *_OF_KNOWN)


@dataclass(frozen=True, slots=True)
class Derivation:
    """One derived fact: its formula over other facts."""

    fact: str
    formula: str
    of: tuple[str, ...]

    def value(self, values: Mapping[str, Value]) -> Decimal | None:
        """Compute it; None where a needed fact is not known."""
        known = [found for name in self.of if isinstance(found := values.get(name), Decimal)]
        if self.formula in _OF_KNOWN:
            return _OF_KNOWN[self.formula](known) if known else None
        if len(known) < len(self.of):
            return None
        if self.formula in _OF_ONE:
            return _OF_ONE[self.formula](known[0])
        return _OF_TWO[self.formula](known[0], known[1])


def parse_derivations(
    raw: Mapping[str, object], declared: Mapping[str, FactDeclaration]
) -> tuple[dict[str, FactDeclaration], tuple[Derivation, ...]]:
    """Read facts/derived.toml: one formula per fact, in an order that can be computed.

    A fact that no other file declares is declared here, with its `unit`.

    Raises:
        RuleError: no or an unknown formula, an undeclared fact, a circle.
    """
    document = Table(raw, "facts/derived.toml")
    own: dict[str, FactDeclaration] = {}
    found: dict[str, Derivation] = {}
    for name in document.names():
        table = document.table(name)
        formulas = [formula for formula in FORMULAS if formula in table]
        if len(formulas) != 1:
            table.refuse("formula", f"exactly one of {', '.join(FORMULAS)}")
        of = table.texts(formulas[0])
        found[name] = Derivation(name, formulas[0], of)
        if name not in declared:
            unit = table.text("unit")
            own[name] = FactDeclaration(name, "number", "derived", "derived", unit=unit)
        table.done()
        wanted = _COUNTS.get(formulas[0], len(of))
        if not of or len(of) != wanted:
            table.refuse(formulas[0], f"a list of {wanted or 1} facts")
    for derivation in found.values():
        for name in derivation.of:
            declaration = own.get(name) or declared.get(name)
            if declaration is None or declaration.type != "number":
                message = f"facts/derived.toml: {derivation.fact} reads {name}, no declared number"
                raise RuleError(message)
    return own, _ordered(found)


def _ordered(found: Mapping[str, Derivation]) -> tuple[Derivation, ...]:
    graph = {name: set(derivation.of) & set(found) for name, derivation in found.items()}
    try:
        return tuple(found[name] for name in TopologicalSorter(graph).static_order())
    except CycleError as error:
        message = f"facts/derived.toml: a circle over {error.args[1]}"
        raise RuleError(message) from error


@dataclass(frozen=True, slots=True)
class Deductions:
    """All ways in which facts follow from others.

    `branches`: the answers of one symptom in the order asked; after an answer of 0 the later ones
    are not asked and count as 0 (CDISC QRS supplement PRO-CTCAE v1.0). `denials`: an answer of 0
    that answers yes/no questions with no. `derivations` in an order that can be computed.
    `corrections` of results by others.
    """

    branches: tuple[tuple[str, ...], ...]
    denials: tuple[tuple[str, tuple[str, ...]], ...]
    derivations: tuple[Derivation, ...]
    corrections: tuple[Correction, ...]


def complete(facts: Facts, deductions: Deductions, units: Units) -> Facts:
    """Add what follows from the facts; a fact that was given directly stays as given."""
    values = dict(facts.values)
    for answers in deductions.branches:
        _branch(answers, values)
    for answer, denied in deductions.denials:
        if values.get(answer) == 0:
            for name in denied:
                values.setdefault(name, False)
    labs = corrected(facts.labs, deductions.corrections, units)
    for analyte_id, lab in labs.items():
        for name, found in lab_facts(units.analytes[analyte_id], lab, units).items():
            values.setdefault(name, found)
    for derivation in deductions.derivations:
        if derivation.fact not in values:
            value = derivation.value(values)
            if value is not None:
                values[derivation.fact] = value
    return Facts(values, labs)


def _branch(answers: tuple[str, ...], values: dict[str, Value]) -> None:
    """Score the questions that were not asked after an answer of 0."""
    ended = False
    for name in answers:
        if ended:
            values.setdefault(name, Decimal(0))
        ended = ended or values.get(name) == 0


def lab_facts(analyte: Analyte, lab: LabValue, units: Units) -> dict[str, Value]:
    """Turn one result into facts for flags.

    The value in the fact's unit, `x_uln`, `x_lln` and `x_baseline` as multiples, `rise` and `fall`
    against the baseline in the fact's unit; what cannot be computed stays unknown.
    """
    found: dict[str, Value] = {}
    for name, base in (("x_uln", lab.uln), ("x_lln", lab.lln), ("x_baseline", lab.baseline)):
        if base:
            found[f"{analyte.id}_{name}"] = lab.value / base
    factor = units.convert(analyte, lab)
    if factor is not None:
        found[analyte.fact] = lab.value * factor
        if lab.baseline is not None:
            found[f"{analyte.id}_rise"] = (lab.value - lab.baseline) * factor
            found[f"{analyte.id}_fall"] = (lab.baseline - lab.value) * factor
    if lab.fasting is not None:
        found[f"{analyte.id}_fasting"] = lab.fasting
    return found
