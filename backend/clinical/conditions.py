"""The closed condition language of the rule files: parse it strictly, then ask about facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne

from backend.clinical.document import RuleError, Table, to_decimal
from backend.clinical.facts import PER_TERM, FactDeclaration, Facts, Value
from backend.clinical.logic import (
    AllOf,
    AnyOf,
    AtLeast,
    Compare,
    CompareFacts,
    Condition,
    Known,
    Named,
    Not,
    OneOf,
    Truth,
)

__all__ = ["Condition", "Truth", "describe", "facts_in", "holds", "missing", "parse"]

WORDS = ("fact", "all", "any", "not", "at_least", "known", "is")
_ORDER: Mapping[str, Callable[..., bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_EQUALITY: Mapping[str, Callable[..., bool]] = {"==": eq, "!=": ne}


def holds(condition: Condition, facts: Facts) -> Truth:
    """Say whether the condition is true, false, or (None) not known (Kleene's three values)."""
    return condition.truth(facts.values)


def facts_in(condition: Condition) -> frozenset[str]:
    """Return the names of all facts that the condition reads."""
    return condition.reads()


def missing(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """Return the unknown facts that keep the condition open; none where it is true or false."""
    return condition.missing(facts.values)


def describe(condition: Condition, facts: Facts) -> str:
    """Put the condition into short words with the values that were known, for a clinician."""
    return condition.describe(facts.values)


def parse(
    raw: object,
    declared: Mapping[str, FactDeclaration],
    definitions: Mapping[str, Condition],
    *,
    where: str = "condition",
    term: str | None = None,
) -> Condition:
    """Read a condition of a rule file.

    `term` is the slug of the graded term whose rule this is: `per_term` facts are then read as
    `<term>__<fact>`; elsewhere they are written so in full.

    Raises:
        RuleError: an unknown word, an undeclared fact, a value that the fact cannot have.
    """
    return _Parser(declared, definitions, where, term).condition(raw)


@dataclass(frozen=True, slots=True)
class _Parser:
    declared: Mapping[str, FactDeclaration]
    definitions: Mapping[str, Condition]
    where: str
    term: str | None

    def condition(self, raw: object) -> Condition:
        table = Table(raw, self.where)
        words = [word for word in WORDS if word in table]
        if len(words) != 1:
            found = ", ".join(table.names()) or "nothing"
            message = (
                f"{self.where}: a condition has exactly one of {', '.join(WORDS)}, not {found}"
            )
            raise RuleError(message)
        condition = self._read(words[0], table)
        table.done()
        return condition

    def _read(self, word: str, table: Table) -> Condition:
        readers: Mapping[str, Callable[[Table], Condition]] = {
            "fact": self._compare,
            "all": lambda table: AllOf(self._parts(table, "all")),
            "any": lambda table: AnyOf(self._parts(table, "any")),
            "not": lambda table: Not(self.condition(table.raw("not"))),
            "at_least": self._at_least,
            "known": lambda table: Known(self._declaration(table, "known")[0]),
            "is": self._named,
        }
        return readers[word](table)

    def _parts(self, table: Table, key: str) -> tuple[Condition, ...]:
        raw = table.raw(key)
        if not isinstance(raw, list) or not raw:
            table.refuse(key, "a list of conditions")
        return tuple(self.condition(part) for part in raw)

    def _at_least(self, table: Table) -> Condition:
        count = table.raw("at_least")
        parts = self._parts(table, "of")
        if isinstance(count, bool) or not isinstance(count, int) or not 0 < count <= len(parts):
            table.refuse("at_least", f"a number from 1 to {len(parts)}")
        return AtLeast(count, parts)

    def _named(self, table: Table) -> Condition:
        name = table.text("is")
        if name not in self.definitions:
            table.refuse("is", "a name of definitions.toml")
        return Named(name, self.definitions[name])

    def _declaration(self, table: Table, key: str) -> tuple[str, FactDeclaration]:
        name = table.text(key)
        scope, _, bare = name.rpartition(PER_TERM)
        declaration = self.declared.get(name) or self.declared.get(bare)
        if declaration is None:
            table.refuse(key, "a declared fact")
        if not declaration.per_term:
            if scope and name not in self.declared:
                table.refuse(key, "without a term, as the fact is not per term")
            return name, declaration
        if not scope and self.term is None:
            table.refuse(key, f"written <term>{PER_TERM}{name} outside of the term's own rule")
        return f"{scope or self.term}{PER_TERM}{bare}", declaration

    def _compare(self, table: Table) -> Condition:
        name, declaration = self._declaration(table, "fact")
        if "op" not in table:
            if declaration.type != "boolean":
                table.refuse("op", "given for a fact that is not yes or no")
            return Compare(name, "==", True, eq)  # noqa: FBT003 -- the value compared with
        if "of" in table:
            return self._compare_facts(name, declaration, table)
        op = table.text("op")
        if op == "in":
            return OneOf(name, self._values(declaration, table))
        tests = {**_EQUALITY, **_ORDER} if declaration.type == "number" else _EQUALITY
        if op not in tests:
            table.refuse("op", f"a comparison for a {declaration.type}")
        return Compare(name, op, _value(declaration, table.raw("value"), table), tests[op])

    def _compare_facts(self, name: str, declaration: FactDeclaration, table: Table) -> Condition:
        op = table.text("op")
        of, other = self._declaration(table, "of")
        if op not in _ORDER or {declaration.type, other.type} != {"number"}:
            table.refuse("op", "one of < <= > >= between two numbers")
        times = table.number("times")
        return CompareFacts(name, op, Decimal(1) if times is None else times, of, _ORDER[op])

    def _values(self, declaration: FactDeclaration, table: Table) -> tuple[Value, ...]:
        raw = table.raw("value")
        if not isinstance(raw, list) or not raw:
            table.refuse("value", "a list")
        return tuple(_value(declaration, item, table) for item in raw)


def _value(declaration: FactDeclaration, raw: object, table: Table) -> Value:
    """Check a rule's value; a limit may lie outside the fact's range, a wrong type or word may not."""
    if isinstance(raw, str):
        good = declaration.type == "choice" and raw in declaration.choices
        value: Value | None = raw if good else None
    elif isinstance(raw, bool):
        value = raw if declaration.type == "boolean" else None
    else:
        value = to_decimal(raw) if declaration.type == "number" else None
    if value is None:
        table.refuse("value", f"a {declaration.type} that {declaration.name} can have")
    return value
