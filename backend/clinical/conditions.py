"""The closed condition language of the rule files: parse it, and ask it with three-valued answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne

from backend.clinical.document import RuleError, Table, to_decimal
from backend.clinical.facts import FactDeclaration, Facts, Value

Truth = bool | None

_ORDER: Mapping[str, Callable[[Decimal, Decimal], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_EQUALITY: Mapping[str, Callable[[object, object], bool]] = {"==": eq, "!=": ne}
_SIGNS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


@dataclass(frozen=True, slots=True)
class Compare:
    """One fact against one value."""

    fact: str
    op: str
    value: Value
    test: Callable[..., bool]


@dataclass(frozen=True, slots=True)
class OneOf:
    """One fact against a list of values."""

    fact: str
    values: frozenset[Value]


@dataclass(frozen=True, slots=True)
class CompareFacts:
    """One fact against a multiple of another."""

    fact: str
    op: str
    times: Decimal
    of: str
    test: Callable[[Decimal, Decimal], bool]


@dataclass(frozen=True, slots=True)
class AllOf:
    """True where every part is; false as soon as one part is."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True as soon as one part is; false where every part is."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """True where so many parts are true."""

    count: int
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Whether a fact is known; never unknown itself."""

    fact: str


@dataclass(frozen=True, slots=True)
class Named:
    """A condition of definitions.toml by its name."""

    name: str
    part: "Condition"


Condition = Compare | OneOf | CompareFacts | AllOf | AnyOf | Not | AtLeast | Known | Named


def holds(condition: Condition, facts: Facts) -> Truth:  # noqa: C901, PLR0911, PLR0912 -- one branch per word of the language, in one place on purpose
    """Say whether the condition is true, false, or (None) not known (Kleene's three values)."""
    match condition:
        case Compare(fact, _, expected, test):
            found = facts.values.get(fact)
            return None if found is None else test(found, expected)
        case AllOf(parts):
            unknown = False
            for part in parts:
                truth = holds(part, facts)
                if truth is False:
                    return False
                unknown = unknown or truth is None
            return None if unknown else True
        case AnyOf(parts):
            unknown = False
            for part in parts:
                truth = holds(part, facts)
                if truth:
                    return True
                unknown = unknown or truth is None
            return None if unknown else False
        case Named(_, part):
            return holds(part, facts)
        case Not(part):
            truth = holds(part, facts)
            return None if truth is None else not truth
        case Known(fact):
            return fact in facts.values
        case OneOf(fact, values):
            found = facts.values.get(fact)
            return None if found is None else found in values
        case CompareFacts(fact, _, times, of, test):
            left, right = facts.values.get(fact), facts.values.get(of)
            if not isinstance(left, Decimal) or not isinstance(right, Decimal):
                return None
            return test(left, times * right)
        case AtLeast(count, parts):
            truths = [holds(part, facts) for part in parts]
            if truths.count(True) >= count:
                return True
            return None if len(truths) - truths.count(False) >= count else False


def parts_of(condition: Condition) -> tuple["Condition", ...]:
    """Return the conditions directly within this one."""
    match condition:
        case AllOf(parts) | AnyOf(parts) | AtLeast(_, parts):
            return parts
        case Not(part) | Named(_, part):
            return (part,)
        case _:
            return ()


def facts_in(condition: Condition) -> frozenset[str]:
    """Return the names of all facts that the condition reads."""
    match condition:
        case Compare(fact, _, _, _) | OneOf(fact, _) | Known(fact):
            return frozenset((fact,))
        case CompareFacts(fact, _, _, of, _):
            return frozenset((fact, of))
        case _:
            return frozenset[str]().union(*(facts_in(part) for part in parts_of(condition)))


def missing(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """Return the unknown facts that keep the condition open, in the order of the rule.

    Nothing is missing where the condition is already true or false.
    """
    if holds(condition, facts) is not None:
        return ()
    match condition:
        case Compare(fact, _, _, _) | OneOf(fact, _):
            return (fact,)
        case CompareFacts(fact, _, _, of, _):
            return tuple(name for name in (fact, of) if name not in facts.values)
        case _:
            found = [name for part in parts_of(condition) for name in missing(part, facts)]
            return tuple(dict.fromkeys(found))


def describe(condition: Condition, facts: Facts) -> str:
    """Put the condition into short words with the values that were known, for a clinician."""
    match condition:
        case Compare(fact, op, expected, _):
            if isinstance(expected, bool):
                return fact if expected == (op == "==") else f"no {fact}"
            return f"{_shown(fact, facts)} {_SIGNS[op]} {_plain(expected)}"
        case OneOf(fact, values):
            return f"{_shown(fact, facts)} one of {', '.join(sorted(map(_plain, values)))}"
        case CompareFacts(fact, op, times, of, _):
            return f"{_shown(fact, facts)} {_SIGNS[op]} {_plain(times)} x {_shown(of, facts)}"
        case Known(fact):
            return f"{fact} known"
        case Named(name, _):
            return name
        case Not(part):
            return f"not ({describe(part, facts)})"
        case AllOf(parts):
            return " and ".join(_grouped(part, facts) for part in parts)
        case AnyOf(parts):
            # Only what is fulfilled explains a result; an open or false "or" is shown whole.
            met = [part for part in parts if holds(part, facts)] or list(parts)
            return " or ".join(_grouped(part, facts) for part in met)
        case AtLeast(count, parts):
            met = [part for part in parts if holds(part, facts)] or list(parts)
            return f"at least {count} of: {', '.join(_grouped(part, facts) for part in met)}"


def _grouped(part: Condition, facts: Facts) -> str:
    text = describe(part, facts)
    return f"({text})" if isinstance(part, AllOf | AnyOf) and len(parts_of(part)) > 1 else text


def _shown(fact: str, facts: Facts) -> str:
    value = facts.values.get(fact)
    return f"{fact} (unknown)" if value is None else f"{fact} {_plain(value)}"


def _plain(value: Value) -> str:
    if isinstance(value, Decimal):
        # "1E+2" and "1.50" are right but not what a clinician writes.
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


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
    `<term>.<fact>`; elsewhere they are written so in full.

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
        words = [word for word in ("fact", "all", "any", "not", "at_least", "known", "is") if word in table]
        if len(words) != 1:
            message = f"{self.where}: a condition has exactly one of fact, all, any, not, at_least, known, is"
            raise RuleError(f"{message}; this one has {', '.join(table.keys()) or 'nothing'}")
        found = self._read(words[0], table)
        table.done()
        return found

    def _read(self, word: str, table: Table) -> Condition:
        match word:
            case "fact":
                return self._compare(table)
            case "all":
                return AllOf(self._parts(table, "all"))
            case "any":
                return AnyOf(self._parts(table, "any"))
            case "not":
                return Not(self.condition(table.raw("not")))
            case "known":
                return Known(self._declaration(table, "known")[0])
            case "is":
                return self._named(table)
            case _:
                return self._at_least(table)

    def _parts(self, table: Table, key: str) -> tuple[Condition, ...]:
        raw = table.raw(key)
        if not isinstance(raw, list) or not raw:
            raise table.fail(key, "a list of conditions")
        return tuple(self.condition(part) for part in raw)

    def _at_least(self, table: Table) -> Condition:
        count = table.raw("at_least")
        parts = self._parts(table, "of")
        if isinstance(count, bool) or not isinstance(count, int) or not 0 < count <= len(parts):
            raise table.fail("at_least", f"a number from 1 to {len(parts)}")
        return AtLeast(count, parts)

    def _named(self, table: Table) -> Condition:
        name = table.text("is")
        if name not in self.definitions:
            raise table.fail("is", "a name of definitions.toml")
        return Named(name, self.definitions[name])

    def _declaration(self, table: Table, key: str) -> tuple[str, FactDeclaration]:
        name = table.text(key)
        scope, _, bare = name.rpartition(".")
        declaration = self.declared.get(name) or self.declared.get(bare)
        if declaration is None:
            raise table.fail(key, "a declared fact")
        if not declaration.per_term:
            if scope and name not in self.declared:
                raise table.fail(key, "without a term, as the fact is not per term")
            return name, declaration
        if not scope and self.term is None:
            raise table.fail(key, f"written <term>.{name} outside of the term's own rule")
        return f"{scope or self.term}.{bare}", declaration

    def _compare(self, table: Table) -> Condition:
        name, declaration = self._declaration(table, "fact")
        if "op" not in table:
            if declaration.type != "boolean":
                raise table.fail("op", "given for a fact that is not yes or no")
            return Compare(name, "==", True, eq)  # noqa: FBT003 -- the value compared with
        if "of" in table:
            return self._compare_facts(name, declaration, table)
        op = table.text("op")
        if op == "in":
            return OneOf(name, self._values(declaration, table))
        if op in _EQUALITY:
            return Compare(name, op, _value(declaration, table.raw("value"), table), _EQUALITY[op])
        if op in _ORDER and declaration.type == "number":
            return Compare(name, op, _value(declaration, table.raw("value"), table), _ORDER[op])
        raise table.fail("op", f"a comparison for a {declaration.type}")

    def _compare_facts(self, name: str, declaration: FactDeclaration, table: Table) -> Condition:
        op = table.text("op")
        of, other = self._declaration(table, "of")
        if op not in _ORDER or {declaration.type, other.type} != {"number"}:
            raise table.fail("op", "one of < <= > >= between two numbers")
        times = table.number("times")
        return CompareFacts(name, op, Decimal(1) if times is None else times, of, _ORDER[op])

    def _values(self, declaration: FactDeclaration, table: Table) -> frozenset[Value]:
        raw = table.raw("value")
        if not isinstance(raw, list) or not raw:
            raise table.fail("value", "a list")
        return frozenset(_value(declaration, item, table) for item in raw)


def _value(declaration: FactDeclaration, raw: object, table: Table) -> Value:
    """Check a rule's value; a limit may lie outside the fact's range, a wrong type or word may not."""
    number = to_decimal(raw)
    if declaration.type == "number" and number is not None:
        return number
    if declaration.type == "boolean" and isinstance(raw, bool):
        return raw
    if declaration.type == "choice" and isinstance(raw, str) and raw in declaration.choices:
        return raw
    raise table.fail("value", f"a {declaration.type} that {declaration.name} can have")
