"""Names of analytes and units as laboratories write them, and exact factors for the flags' facts."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.document import RuleError, Table
from backend.clinical.facts import FactDeclaration, LabValue

# Facts that every analyte yields from one result; see derive.py for their meaning.
RATIOS = ("x_uln", "x_lln", "x_baseline")
CHANGES = ("rise", "fall")
# The Greek letter mu (which the micro sign is folded into), the sign of multiplication, the middle
# dot and the dot operator that join units, and the minus of an exponent.
_SAME = str.maketrans(
    {"\u03bc": "u", "\u00d7": "x", "*": "^", "_": "", "\u00b7": "", "\u22c5": "", "\u2212": ""}
)


@dataclass(frozen=True, slots=True)
class Analyte:
    """One laboratory analyte: names it goes by, the fact it gives to flags, and that fact's unit.

    `factors` turn a result in another unit into `unit`; grading never uses them.
    """

    id: str
    title: str
    names: tuple[str, ...]
    unit: str
    fact: str
    factors: Mapping[str, Decimal]
    source: str


@dataclass(frozen=True, slots=True)
class Units:
    """The alias tables: spelling -> canonical units it may mean, and spelling -> analyte id."""

    units: Mapping[str, frozenset[str]]
    analytes: Mapping[str, Analyte]
    names: Mapping[str, str]

    def meanings(self, unit: str) -> frozenset[str]:
        """Return the canonical units that a reported unit may mean (`G/L`: 10^9/L or g/L)."""
        return self.units.get(fold(unit), frozenset())

    def analyte(self, name: str) -> str | None:
        """Return the analyte's id for a name as reported; None where it is not known."""
        return self.names.get(fold(name))

    def convert(self, analyte: Analyte, lab: LabValue) -> Decimal | None:
        """Return the factor from the reported unit to the fact's unit; None where there is none."""
        meanings = self.meanings(lab.unit)
        if analyte.unit in meanings:
            return Decimal(1)
        return next((f for unit, f in analyte.factors.items() if unit in meanings), None)


def fold(text: str) -> str:
    """Make spellings comparable: no case, no blanks, one micro sign, plain digits and dashes."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = plain.translate(_SAME)
    return "".join(plain.replace("-", "").split())


def parse_units(raw: Mapping[str, object]) -> dict[str, frozenset[str]]:
    """Read units.toml: canonical unit = list of other spellings."""
    table = Table(raw, "units.toml")
    found: dict[str, set[str]] = {}
    for unit in table.names():
        for spelling in (unit, *table.texts(unit)):
            found.setdefault(fold(spelling), set()).add(unit)
    return {spelling: frozenset(meanings) for spelling, meanings in found.items()}


def parse_analytes(raw: Mapping[str, object]) -> tuple[dict[str, Analyte], dict[str, str]]:
    """Read analytes.toml; returns the analytes by id and the ids by folded name.

    Raises:
        RuleError: an unknown key, a name that two analytes claim.
    """
    document = Table(raw, "analytes.toml")
    analytes: dict[str, Analyte] = {}
    names: dict[str, str] = {}
    for analyte_id in document.names():
        analyte = _parse_analyte(analyte_id, document.table(analyte_id))
        analytes[analyte_id] = analyte
        for name in {fold(name) for name in (analyte_id, analyte.title, *analyte.names)}:
            if name in names:
                message = f"analytes.toml: {name} means {names[name]} and {analyte_id}"
                raise RuleError(message)
            names[name] = analyte_id
    return analytes, names


def _parse_analyte(analyte_id: str, table: Table) -> Analyte:
    factors = table.table("factors") if "factors" in table else Table({}, table.where)
    analyte = Analyte(
        id=analyte_id,
        title=table.text("title"),
        names=table.texts("names"),
        unit=table.text("unit"),
        fact=table.text("fact"),
        factors={unit: factors.number(unit) or Decimal(0) for unit in factors.names()},
        source=table.text("source", ""),
    )
    table.done()
    if analyte.factors and not analyte.source:
        table.refuse("source", "given where there are factors")
    return analyte


def declare_labs(analyte: Analyte) -> dict[str, FactDeclaration]:
    """Declare the facts that a result of this analyte yields."""
    units = dict.fromkeys((f"{analyte.id}_{name}" for name in RATIOS), "x")
    units |= dict.fromkeys((f"{analyte.id}_{name}" for name in CHANGES), analyte.unit)
    units[analyte.fact] = analyte.unit
    declared = {
        name: FactDeclaration(name, "number", "derived", "lab", unit=unit, analyte=analyte.id)
        for name, unit in units.items()
    }
    fasting = f"{analyte.id}_fasting"
    declared[fasting] = FactDeclaration(fasting, "boolean", "record", "lab", analyte=analyte.id)
    return declared
