"""What is known about one patient at one moment, and the declarations that give facts a meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeGuard

from backend.clinical.document import RuleError, Table

Value = bool | Decimal | str

# More digits before or after the point than any measurement has.
DIGITS = 20

TYPES = ("number", "boolean", "choice")
# Between a graded term and the fact about it: `diarrhea__hospitalization_indicated`.
PER_TERM = "__"
# Who can say it: `derived` is computed by derive_facts, `device` is measured at home.
ASKED = ("patient", "staff", "device", "record", "derived")
# What a patient, or a device at home, can say: only this is asked by a phone and read from a diary.
SAID_AT_HOME = ("patient", "device")


@dataclass(frozen=True, slots=True)
class LabValue:
    """One laboratory result in the unit that the laboratory reported, never converted.

    The limits and the baseline are in the same unit; None means not known. `fasting` is None where
    the sample's state was not stated. `decision_limit` is a level that the assay's manufacturer
    states, such as that of myocardial infarction for troponin.
    """

    value: Decimal
    unit: str
    lln: Decimal | None = None
    uln: Decimal | None = None
    baseline: Decimal | None = None
    fasting: bool | None = None
    collected_on: date | None = None
    decision_limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known; a fact that is absent is unknown, which is never the same as no or zero.

    `labs` is keyed by the analyte ids of data/analytes.toml.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    labs: Mapping[str, LabValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    """What one fact means: its type, unit and range, who can say it, and how it is asked.

    `per_term` facts are one per graded term and carry its slug: `diarrhea__hospitalization_indicated`.
    `stated` facts are said only where they are true (a clinician's "hospitalization indicated"):
    left out, they do not keep a grade open. `analyte` names the result that yields a lab fact.
    """

    name: str
    type: str
    asked: str
    group: str
    unit: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: tuple[str, ...] = ()
    question: Mapping[str, str] | None = None
    per_term: bool = False
    stated: bool = False
    analyte: str | None = None


def parse_declarations(raw: Mapping[str, object], group: str) -> dict[str, FactDeclaration]:
    """Read one file of fact declarations.

    Raises:
        RuleError: an unknown key or type, choices missing, a range on something that is no number.
    """
    document = Table(raw, f"facts/{group}.toml")
    return {
        name: _parse_declaration(name, document.table(name), group) for name in document.names()
    }


def _parse_declaration(name: str, table: Table, group: str) -> FactDeclaration:
    declaration = FactDeclaration(
        name=name,
        type=table.choice("type", TYPES),
        asked=table.choice("asked", ASKED),
        group=group,
        unit=table.optional("unit", table.text),
        minimum=table.number("min"),
        maximum=table.number("max"),
        choices=table.texts("choices"),
        question=table.optional("question", table.languages),
        per_term=table.flag("per_term"),
        stated=table.flag("stated"),
    )
    table.done()
    if not name.isidentifier() or name != name.lower():
        message = f"{table.where}: a fact's name is lower case with underscores"
        raise RuleError(message)
    if (declaration.type == "choice") != bool(declaration.choices):
        table.refuse("choices", "given for a choice, and for nothing else")
    ranged = declaration.minimum is not None or declaration.maximum is not None
    if ranged and declaration.type != "number":
        table.refuse("min", "given for numbers only")
    return declaration


def is_measurable(value: object) -> TypeGuard[Decimal]:
    """Say whether a value is a number that anybody can have measured or counted.

    It keeps out what JSON allows but no arithmetic should meet: 1e999999, NaN, endless decimals.
    """
    if not isinstance(value, Decimal) or not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -DIGITS and value.adjusted() <= DIGITS


def fault_of(declaration: FactDeclaration, value: object) -> str | None:
    """Say what is wrong with a value for this fact; None where nothing is."""
    if declaration.type == "boolean":
        return None if isinstance(value, bool) else "true or false is expected"
    if declaration.type == "choice":
        good = isinstance(value, str) and value in declaration.choices
        return None if good else f"one of {', '.join(declaration.choices)} is expected"
    if not is_measurable(value):
        return "a number is expected"
    if declaration.minimum is not None and value < declaration.minimum:
        return f"below {declaration.minimum}"
    if declaration.maximum is not None and value > declaration.maximum:
        return f"above {declaration.maximum}"
    return None
