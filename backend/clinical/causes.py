"""What may have caused a flag: the components the subject was exposed to, ranked, never decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.clinical.conditions import Condition, holds
from backend.clinical.facts import Facts
from backend.clinical.flagrules import Cause, Evidence

IMMUNE = "ql1706"
# Candidates without any exposure: they are always possible.
ALWAYS = ("disease", "other")


@dataclass(frozen=True, slots=True)
class CauseFound:
    """A candidate cause with what speaks for and against it in this subject."""

    component: str
    supports: tuple[str, ...]
    opposes: tuple[str, ...]


def rank_causes(
    causes: Iterable[Cause], facts: Facts, definitions: Mapping[str, Condition]
) -> tuple[CauseFound, ...]:
    """Rank the candidates to which the subject was exposed, the likeliest first.

    One point for each thing that speaks for a cause, one less for each against it; ties stay in the
    order of the rule. QL1706 stays on the list whenever it was given (safety rules section 0, 3).
    """
    found = [
        CauseFound(cause.component, _true(cause.supports, facts), _true(cause.opposes, facts))
        for cause in causes
        if _is_exposed(cause.component, facts, definitions)
    ]
    listed = any(cause.component == IMMUNE for cause in found)
    if not listed and _is_exposed(IMMUNE, facts, definitions):
        found.append(CauseFound(IMMUNE, (), ()))
    return tuple(sorted(found, key=lambda cause: len(cause.opposes) - len(cause.supports)))


def _is_exposed(component: str, facts: Facts, definitions: Mapping[str, Condition]) -> bool:
    return component in ALWAYS or bool(holds(definitions[f"exposed_{component}"], facts))


def _true(evidence: Iterable[Evidence], facts: Facts) -> tuple[str, ...]:
    return tuple(part.text for part in evidence if holds(part.when, facts))
