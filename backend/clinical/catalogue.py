"""The CTCAE v4.03 terms as facts: name, SOC, MedDRA code, and which of the grades 1 to 5 exist."""

import csv
from dataclasses import dataclass
from pathlib import Path

from backend.clinical.document import RuleError

COLUMNS = ("soc", "meddra_code", "term", "grades")
GRADES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Term:
    """One CTCAE term; `grades` are those that exist for it, ascending."""

    name: str
    meddra_code: str
    soc: str
    grades: tuple[int, ...]


def load_catalogue(path: Path) -> dict[str, Term]:
    """Read the catalogue, keyed by the term's name.

    Raises:
        RuleError: a wrong header, a repeated term or code, a grade outside of 1 to 5.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            message = f"{path.name}: the columns must be {', '.join(COLUMNS)}"
            raise RuleError(message)
        found = [
            Term(row["term"], row["meddra_code"], row["soc"], _grades(row["grades"], row["term"]))
            for row in rows
        ]
    terms = {term.name: term for term in found}
    if len(terms) < len(found) or len({term.meddra_code for term in found}) < len(found):
        message = f"{path.name}: a term or a code is there twice"
        raise RuleError(message)
    return terms


def _grades(text: str, term: str) -> tuple[int, ...]:
    grades = tuple(int(part) for part in text.split() if part.isdigit())
    if not grades or set(grades) - set(GRADES) or list(grades) != sorted(set(grades)):
        message = f"catalogue: {term} has the grades {text!r}"
        raise RuleError(message)
    return grades
