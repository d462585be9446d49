"""The diary's symptoms: which attributes are asked, in our own words, and what they map to."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.catalogue import Term
from backend.clinical.document import RuleError, Table
from backend.clinical.facts import FactDeclaration

# Highest answer of each attribute; the lowest is 0. PRO-CTCAE item structure, NCI, v1.0.
SCALES: Mapping[str, int] = {
    "frequency": 4,
    "severity": 4,
    "interference": 4,
    "amount": 4,
    "presence": 1,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a symptom: the attribute, PRO-CTCAE's item code, our own question.

    An answer of 0 also answers the per-term questions in `none_answers` with no.
    """

    attribute: str
    code: str
    question: Mapping[str, str]
    none_answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SymptomRule:
    """One symptom of the diary; `items` in the order in which they are asked.

    `pro_ctcae`: what the PRO-CTCAE item library calls it.
    `exempt`: no alert for a bad answer by itself (safety rules section 10, PRO_SEVERE_OR_WORSE2).
    `may_decline`: the patient may say that it does not apply or that they prefer not to answer.
    """

    id: str
    title: Mapping[str, str]
    pro_ctcae: str
    category: str
    terms: tuple[Term, ...]
    items: tuple[Item, ...]
    exempt: bool
    may_decline: bool
    version: str = ""

    @property
    def attributes(self) -> tuple[str, ...]:
        """Return the attributes in the order in which they are asked."""
        return tuple(item.attribute for item in self.items)


def parse_symptom(
    raw: Mapping[str, object], symptom_id: str, catalogue: Mapping[str, Term]
) -> SymptomRule:
    """Read one symptom file.

    Raises:
        RuleError: an unknown key, attribute or CTCAE term, or no item.
    """
    table = Table(raw, f"symptoms/{symptom_id}.toml")
    names = table.texts("terms")
    unknown = [name for name in names if name not in catalogue]
    if unknown or not names:
        table.refuse("terms", "CTCAE terms of the catalogue")
    symptom = SymptomRule(
        id=symptom_id,
        title=table.languages("title"),
        pro_ctcae=table.text("pro_ctcae"),
        category=table.text("category"),
        terms=tuple(catalogue[name] for name in names),
        items=tuple(_parse_item(item) for item in table.tables("item")),
        exempt=table.flag("exempt"),
        may_decline=table.flag("may_decline"),
    )
    table.done()
    if not symptom.items or len(set(symptom.attributes)) < len(symptom.items):
        message = f"{table.where}: each attribute once, and at least one"
        raise RuleError(message)
    return symptom


def _parse_item(table: Table) -> Item:
    item = Item(
        attribute=table.choice("attribute", tuple(SCALES)),
        code=table.text("code"),
        question=table.languages("question"),
        none_answers=table.texts("none_answers"),
    )
    table.done()
    return item


def declare_answers(symptom: SymptomRule) -> dict[str, FactDeclaration]:
    """Declare the facts `<symptom>_<attribute>` and, for the answer before, `previous_…`."""
    declared = {}
    for item in symptom.items:
        name = f"{symptom.id}_{item.attribute}"
        highest = Decimal(SCALES[item.attribute])
        declared[name] = FactDeclaration(
            name,
            "number",
            "patient",
            "symptoms",
            minimum=Decimal(0),
            maximum=highest,
            question=item.question,
        )
        declared[f"previous_{name}"] = FactDeclaration(
            f"previous_{name}",
            "number",
            "record",
            "symptoms",
            minimum=Decimal(0),
            maximum=highest,
        )
    return declared
