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

    What leads by the decision table comes first. Then one point for each thing that speaks for a
    cause, one less for each against it; ties stay in the order of the rule. QL1706 stays on the list whenever it was given (safety rules section 0, 3).
    """
    found = [
        _found(cause, facts) for cause in causes if _is_exposed(cause.component, facts, definitions)
    ]
    listed = any(cause.component == IMMUNE for cause, _ in found)
    if not listed and _is_exposed(IMMUNE, facts, definitions):
        found.append((CauseFound(IMMUNE, (), ()), False))
    ranked = sorted(
        found, key=lambda pair: (not pair[1], len(pair[0].opposes) - len(pair[0].supports))
    )
    return tuple(cause for cause, _ in ranked)


def _found(cause: Cause, facts: Facts) -> tuple[CauseFound, bool]:
    """Give a cause with its evidence, and whether it leads."""
    leading = _true((cause.leads,) if cause.leads is not None else (), facts)
    supports = (*leading, *_true(cause.supports, facts))
    return CauseFound(cause.component, supports, _true(cause.opposes, facts)), bool(leading)


def _is_exposed(component: str, facts: Facts, definitions: Mapping[str, Condition]) -> bool:
    return component in ALWAYS or bool(holds(definitions[f"exposed_{component}"], facts))


def _true(evidence: Iterable[Evidence], facts: Facts) -> tuple[str, ...]:
    return tuple(part.text for part in evidence if holds(part.when, facts))
