"""Which facts made a condition true, and whether one that is open rests on anything at all."""

from collections.abc import Callable

from backend.clinical.logic import (
    AnyOf,
    AtLeast,
    Compare,
    CompareFacts,
    Condition,
    Not,
    OneOf,
    Values,
)
from backend.clinical.wording import unique


def grounds(condition: Condition, values: Values) -> tuple[str, ...]:
    """Return the known facts on which a true condition rests, in the order of the rule.

    Alternatives that are not true do not count: a count of platelets, not a nosebleed denied.
    """
    parts = condition.within()
    if isinstance(condition, AnyOf | AtLeast):
        parts = tuple(part for part in parts if part.truth(values))
    if isinstance(condition, Not) or not parts:
        return tuple(sorted(name for name in condition.reads() if name in values))
    return unique(name for part in parts for name in grounds(part, values))


def rests_on(condition: Condition, values: Values, counts: Callable[[str], bool]) -> bool:
    """Say whether at least one comparison that may still help is true about a fact that counts."""
    if condition.truth(values) is False or isinstance(condition, Not):
        return False
    if isinstance(condition, Compare | OneOf | CompareFacts):
        return bool(condition.truth(values)) and counts(condition.fact)
    return any(rests_on(part, values, counts) for part in condition.within())
