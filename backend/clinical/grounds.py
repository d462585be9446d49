"""What made a condition true; and for one that is open, what speaks for it and what to ask."""

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


def open_facts(
    condition: Condition, values: Values, counts: Callable[[str], bool]
) -> tuple[str, ...]:
    """Return the unknown facts worth knowing: of several ways, those for which a sign is there."""
    parts = tuple(part for part in condition.within() if part.truth(values) is None)
    if isinstance(condition, Not) or not parts:
        return condition.missing(values)
    if isinstance(condition, AnyOf | AtLeast):
        parts = tuple(part for part in parts if rests_on(part, values, counts)) or parts
    return unique(name for part in parts for name in open_facts(part, values, counts))


def can_be_asked(condition: Condition, values: Values, askable: Callable[[str], bool]) -> bool:
    """Say whether answers alone could make it true: not where a result is missing."""
    truth = condition.truth(values)
    if truth is not None:
        return truth
    within = [can_be_asked(part, values, askable) for part in condition.within()]
    if isinstance(condition, Not) or not within:
        return any(askable(name) for name in condition.missing(values))
    if isinstance(condition, AtLeast):
        return within.count(True) >= condition.count
    return any(within) if isinstance(condition, AnyOf) else all(within)
