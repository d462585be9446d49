"""The words of the condition language as three-valued objects: true, false, or None for not known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.facts import Value
from backend.clinical.wording import plain, shown, unique

Truth = bool | None
Values = Mapping[str, Value]

_SIGNS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a rule that can be true, false or not known about a patient."""

    def truth(self, values: Values) -> Truth:
        """Say whether it is true, false, or (None) not known."""
        raise NotImplementedError

    def reads(self) -> frozenset[str]:
        """Return the names of all facts that it reads."""
        return frozenset[str]().union(*(part.reads() for part in self.within()))

    def within(self) -> tuple["Condition", ...]:
        """Return the conditions directly within this one."""
        return ()

    def missing(self, values: Values) -> tuple[str, ...]:
        """Return the unknown facts that keep it open, in the order of the rule."""
        if self.truth(values) is not None:
            return ()
        return unique(name for part in self.within() for name in part.missing(values))

    def describe(self, values: Values) -> str:
        """Put it into short words with the values that were known."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Compare(Condition):
    """One fact against one value."""

    fact: str
    op: str
    value: Value
    test: Callable[..., bool]

    def truth(self, values: Values) -> Truth:
        """Compare; not known where the fact is not."""
        found = values.get(self.fact)
        return None if found is None else self.test(found, self.value)

    def reads(self) -> frozenset[str]:
        """Return the one fact."""
        return frozenset((self.fact,))

    def missing(self, values: Values) -> tuple[str, ...]:
        """Return the fact where it is not known."""
        return () if self.fact in values else (self.fact,)

    def describe(self, values: Values) -> str:
        """Write `stools_over_baseline 8 ≥ 7`; yes and no as the bare name."""
        if isinstance(self.value, bool):
            return self.fact if self.value == (self.op == "==") else f"no {self.fact}"
        return f"{shown(self.fact, values)} {_SIGNS[self.op]} {plain(self.value)}"


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """One fact against a list of values."""

    fact: str
    choices: tuple[Value, ...]

    def truth(self, values: Values) -> Truth:
        """Look the fact up in the list; not known where the fact is not."""
        found = values.get(self.fact)
        return None if found is None else found in self.choices

    def reads(self) -> frozenset[str]:
        """Return the one fact."""
        return frozenset((self.fact,))

    def missing(self, values: Values) -> tuple[str, ...]:
        """Return the fact where it is not known."""
        return () if self.fact in values else (self.fact,)

    def describe(self, values: Values) -> str:
        """Write the fact and the list."""
        return f"{shown(self.fact, values)} one of {', '.join(map(plain, self.choices))}"


@dataclass(frozen=True, slots=True)
class CompareFacts(Condition):
    """One fact against a multiple of another."""

    fact: str
    op: str
    times: Decimal
    of: str
    test: Callable[..., bool]

    def truth(self, values: Values) -> Truth:
        """Compare; not known where either fact is not."""
        left, right = values.get(self.fact), values.get(self.of)
        if not isinstance(left, Decimal) or not isinstance(right, Decimal):
            return None
        return self.test(left, self.times * right)

    def reads(self) -> frozenset[str]:
        """Return both facts."""
        return frozenset((self.fact, self.of))

    def missing(self, values: Values) -> tuple[str, ...]:
        """Return the facts that are not known."""
        return tuple(name for name in (self.fact, self.of) if name not in values)

    def describe(self, values: Values) -> str:
        """Write `weight_kg 60 < 0.9 x baseline_weight_kg 70`."""
        right = shown(self.of, values)
        times = "" if self.times == 1 else f"{plain(self.times)} x "
        return f"{shown(self.fact, values)} {_SIGNS[self.op]} {times}{right}"


@dataclass(frozen=True, slots=True)
class AllOf(Condition):
    """True where every part is; false as soon as one part is."""

    parts: tuple[Condition, ...]

    def truth(self, values: Values) -> Truth:
        """Combine with Kleene's "and"."""
        result: Truth = True
        for part in self.parts:
            truth = part.truth(values)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    def within(self) -> tuple[Condition, ...]:
        """Return the parts."""
        return self.parts

    def describe(self, values: Values) -> str:
        """Join the parts by "and"."""
        return " and ".join(grouped(part, values) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    """True as soon as one part is; false where every part is."""

    parts: tuple[Condition, ...]

    def truth(self, values: Values) -> Truth:
        """Combine with Kleene's "or"."""
        result: Truth = False
        for part in self.parts:
            truth = part.truth(values)
            if truth:
                return True
            if truth is None:
                result = None
        return result

    def within(self) -> tuple[Condition, ...]:
        """Return the parts."""
        return self.parts

    def describe(self, values: Values) -> str:
        """Join by "or" the parts that are fulfilled, as they explain a result; all where none is."""
        return " or ".join(grouped(part, values) for part in fulfilled(self.parts, values))


@dataclass(frozen=True, slots=True)
class AtLeast(Condition):
    """True where so many parts are true."""

    count: int
    parts: tuple[Condition, ...]

    def truth(self, values: Values) -> Truth:
        """Count; not known while the unknown parts could still reach the count."""
        truths = [part.truth(values) for part in self.parts]
        if truths.count(True) >= self.count:
            return True
        return None if len(truths) - truths.count(False) >= self.count else False

    def within(self) -> tuple[Condition, ...]:
        """Return the parts."""
        return self.parts

    def describe(self, values: Values) -> str:
        """Write the count and the parts that are fulfilled."""
        parts = (grouped(part, values) for part in fulfilled(self.parts, values))
        return f"at least {self.count} of: {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The opposite; unknown stays unknown."""

    part: Condition

    def truth(self, values: Values) -> Truth:
        """Turn true and false round."""
        truth = self.part.truth(values)
        return None if truth is None else not truth

    def within(self) -> tuple[Condition, ...]:
        """Return the one part."""
        return (self.part,)

    def describe(self, values: Values) -> str:
        """Write "not" before the part."""
        return f"not ({self.part.describe(values)})"


@dataclass(frozen=True, slots=True)
class Known(Condition):
    """Whether a fact is known; never unknown itself."""

    fact: str

    def truth(self, values: Values) -> Truth:
        """Look for the fact."""
        return self.fact in values

    def reads(self) -> frozenset[str]:
        """Return the one fact."""
        return frozenset((self.fact,))

    def describe(self, values: Values) -> str:
        """Say that the fact is known."""
        return f"{shown(self.fact, values)} known"


@dataclass(frozen=True, slots=True)
class Named(Condition):
    """A condition of definitions.toml by its name."""

    name: str
    part: Condition

    def truth(self, values: Values) -> Truth:
        """Ask the definition."""
        return self.part.truth(values)

    def within(self) -> tuple[Condition, ...]:
        """Return the definition."""
        return (self.part,)

    def describe(self, values: Values) -> str:
        """Write the name, with the values behind it."""
        return f"{self.name} [{self.part.describe(values)}]"


def fulfilled(parts: tuple[Condition, ...], values: Values) -> tuple[Condition, ...]:
    """Return the parts that are true; all of them where none is."""
    return tuple(part for part in parts if part.truth(values)) or parts


def grouped(part: Condition, values: Values) -> str:
    """Describe a part, in brackets where it is a list itself."""
    text = part.describe(values)
    listed = isinstance(part, AllOf | AnyOf) and len(part.parts) > 1
    return f"({text})" if listed else text
