"""Answers to PRO-CTCAE composites, 0 to 3, by the published look-up: a score, never a CTCAE grade."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from backend.clinical.document import RuleError
from backend.clinical.facts import Facts
from backend.clinical.symptoms import SCALES, SymptomRule

# The attributes in the order asked, and the answer to each.
Answers = tuple[tuple[str, ...], tuple[int, ...]]
COLUMNS = ("attributes", "answers", "composite")
HIGHEST = 3


@dataclass(frozen=True, slots=True)
class Score:
    """The answers about one symptom and their composite.

    `composite` is None where an answer is missing, or where none is published (a symptom that is
    only present or absent).
    """

    symptom: str
    answers: Mapping[str, int]
    composite: int | None


def load_composites(path: Path) -> dict[Answers, int]:
    """Read the composites of Basch et al., Clin Trials 2021;18:104-114, as kept by ProAE 1.0.4.

    Raises:
        RuleError: a wrong header, an unknown attribute, an answer or composite out of range.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            message = f"{path.name}: the columns must be {', '.join(COLUMNS)}"
            raise RuleError(message)
        return dict(_composite(row, path.name) for row in rows)


def _composite(row: Mapping[str, str], where: str) -> tuple[Answers, int]:
    attributes = tuple(row["attributes"].split())
    answers = tuple(int(part) for part in row["answers"].split())
    composite = int(row["composite"])
    good = len(attributes) == len(answers) and set(attributes) <= set(SCALES)
    ranged = all(
        0 <= answer <= SCALES[name]
        for name, answer in zip(attributes, answers, strict=False)
        if name in SCALES
    )
    if not good or not ranged or not 0 <= composite <= HIGHEST:
        message = f"{where}: no composite can be {dict(row)}"
        raise RuleError(message)
    return (attributes, answers), composite


def score_symptoms(
    facts: Facts, symptoms: Mapping[str, SymptomRule], composites: Mapping[Answers, int]
) -> tuple[Score, ...]:
    """Score every symptom about which something was answered.

    `facts` must hold the derived facts already: answers that were skipped after a 0 are then 0.
    """
    found = []
    for symptom in symptoms.values():
        answers = {
            name: int(value)
            for name in symptom.attributes
            if isinstance(value := facts.values.get(f"{symptom.id}_{name}"), Decimal)
        }
        if answers:
            composite = composites.get((tuple(answers), tuple(answers.values())))
            complete = len(answers) == len(symptom.items)
            found.append(Score(symptom.id, answers, composite if complete else None))
    return tuple(found)
