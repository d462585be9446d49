"""Numbers over many facts or flags: the worst answer, the largest rise, the amber groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from backend.clinical.facts import Facts, Value
from backend.clinical.rules import Ruleset

WORST, RISE, GROUPS = "worst_answer", "largest_rise_of_answers", "amber_groups"
AMBER = "same_day"
# From here on an answer, or its rise, is named as a reason (section 10, PRO_SEVERE_OR_WORSE2).
SEVERE, WORSE = 3, 2


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One number, and the facts that made it what it is."""

    value: Decimal
    inputs: Mapping[str, Value]


class Amber(Protocol):
    """What of a flag is counted."""

    @property
    def tier(self) -> str:
        """Give the flag's tier."""

    @property
    def amber_group(self) -> str | None:
        """Give the group that is counted once."""

    @property
    def inputs(self) -> Mapping[str, Value]:
        """Give the facts on which the flag rests."""


def answers(facts: Facts, ruleset: Ruleset) -> dict[str, Aggregate]:
    """Return the worst answer and the largest rise over the graded items that are not exempt.

    An item without an answer before rises from 0: nobody has looked at it yet.
    """
    scores: dict[str, Decimal] = {}
    rises: dict[str, Decimal] = {}
    for symptom in ruleset.symptoms.values():
        for item in symptom.items:
            name = f"{symptom.id}_{item.attribute}"
            now = facts.values.get(name)
            if not isinstance(now, Decimal) or symptom.exempt or item.attribute == "presence":
                continue
            before = facts.values.get(f"previous_{name}")
            scores[name] = now
            rises[name] = now - (before if isinstance(before, Decimal) else Decimal(0))
    if not scores:
        return {}
    return {
        WORST: Aggregate(max(scores.values()), _from(scores, scores, SEVERE)),
        RISE: Aggregate(max(rises.values()), _from(rises, scores, WORSE)),
    }


def amber_groups(flags: Iterable[Amber]) -> dict[str, Aggregate]:
    """Count the organ groups with a `same_day` flag."""
    ambers = [flag for flag in flags if flag.tier == AMBER and flag.amber_group is not None]
    groups = {flag.amber_group for flag in ambers}
    inputs = {name: value for flag in ambers for name, value in flag.inputs.items()}
    return {GROUPS: Aggregate(Decimal(len(groups)), inputs)}


def _from(
    numbers: Mapping[str, Decimal], scores: Mapping[str, Decimal], least: int
) -> dict[str, Value]:
    return {name: scores[name] for name, number in numbers.items() if number >= least}
