"""The shape of a grading rule file: criteria in words, limits per unit, examples; nothing runs here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backend.clinical.catalogue import Term
from backend.clinical.conditions import Condition, parse
from backend.clinical.document import Table, to_decimal
from backend.clinical.facts import FactDeclaration
from backend.clinical.limits import Limit, parse_limit

ANY_UNIT = "any"
DEATH = 5


@dataclass(frozen=True, slots=True)
class Criterion:
    """One grade of a term: `when` decides it; `needs` must hold for the column's limit to count.

    Without either and without a limit, only a clinician can give the grade.
    """

    grade: int
    text: str
    when: Condition | None
    needs: Condition | None


@dataclass(frozen=True, slots=True)
class Column:
    """The limits of one analyte in one unit; of several for a unit the first whose `when` holds.

    `limits[0]` says when grade 0 may be claimed; without it, where no limit is reached. The limits
    of one grade are alternatives.
    """

    analyte: str
    unit: str
    when: Condition | None
    limits: Mapping[int, tuple[Limit, ...]]


@dataclass(frozen=True, slots=True)
class Example:
    """Facts and what must come of them; `expected` as written in the file."""

    facts: Mapping[str, object]
    labs: Mapping[str, object]
    expected: object


@dataclass(frozen=True, slots=True)
class GradingRule:
    """How one CTCAE term is graded; criteria from the highest grade down.

    `given`: graded only where this is true, for diagnoses that a number alone does not make.
    `limited`: the grades that have a laboratory limit in some column. `open`: facts that, while not known, keep higher grades open even where `absent` holds.
    """

    id: str
    term: Term
    source: str
    decision: str
    limits_note: str
    given: Condition | None
    absent: Condition | None
    open: frozenset[str]
    criteria: tuple[Criterion, ...]
    columns: tuple[Column, ...]
    examples: tuple[Example, ...]
    reads: frozenset[str]
    limited: frozenset[int]
    version: str = ""

    @property
    def analytes(self) -> frozenset[str]:
        """Return the analytes whose results the rule reads."""
        return frozenset(column.analyte for column in self.columns)


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What a rule may refer to."""

    catalogue: Mapping[str, Term]
    declared: Mapping[str, FactDeclaration]
    definitions: Mapping[str, Condition]
    analytes: frozenset[str]


def parse_grading_rule(
    raw: Mapping[str, object], rule_id: str, context: RuleContext
) -> GradingRule:
    """Read one file of ctcae-4.03/.

    Raises:
        RuleError: an unknown key, fact, analyte or term, a grade that the term does not have, a
            grade 5 or grade 0 that something would give, a limit for a grade without criterion.
    """
    table = Table(raw, f"ctcae-4.03/{rule_id}.toml")
    name = table.text("term")
    if name not in context.catalogue:
        table.refuse("term", "a term of the catalogue")
    term = context.catalogue[name]
    reader = _Reader(rule_id, term, context, table.where)
    criteria = tuple(reader.criterion(part) for part in table.tables("grade"))
    default = table.text("analyte", "none")
    columns = tuple(reader.column(part, default) for part in table.tables("column"))
    rule = GradingRule(
        id=rule_id,
        term=term,
        source=table.text("source"),
        decision=table.text("decision", ""),
        limits_note=table.text("limits", ""),
        given=table.optional("given", lambda key: reader.condition(table.raw(key))),
        absent=table.optional("absent", lambda key: reader.condition(table.raw(key))),
        open=frozenset(table.texts("open")),
        criteria=tuple(sorted(criteria, key=lambda criterion: -criterion.grade)),
        columns=columns,
        examples=tuple(reader.example(part) for part in table.tables("example")),
        reads=frozenset(),
        limited=frozenset(grade for column in columns for grade in column.limits),
    )
    table.done()
    graded = [criterion.grade for criterion in criteria]
    if len(set(graded)) < len(graded) or not graded:
        table.refuse("grade", "there, and each grade once")
    if any(set(column.limits) - {0, *graded} for column in columns):
        table.refuse("column", "limits of grades that have a criterion")
    reads = _reads(rule)
    if rule.open - reads:
        table.refuse("open", "facts that the rule reads")
    return replace(rule, reads=reads)


def _reads(rule: GradingRule) -> frozenset[str]:
    conditions = [rule.given, rule.absent, *(column.when for column in rule.columns)]
    for criterion in rule.criteria:
        conditions += [criterion.when, criterion.needs]
    return frozenset[str]().union(*(part.reads() for part in conditions if part is not None))


@dataclass(frozen=True, slots=True)
class _Reader:
    rule_id: str
    term: Term
    context: RuleContext
    where: str

    def condition(self, raw: object) -> Condition:
        return parse(
            raw,
            self.context.declared,
            self.context.definitions,
            where=self.where,
            term=self.rule_id,
        )

    def criterion(self, table: Table) -> Criterion:
        number = to_decimal(table.raw("grade"))
        grade = int(number) if number is not None else None
        if grade is None or grade not in self.term.grades or grade == DEATH:
            table.refuse("grade", f"one of {self.term.grades} but not 5")
        found = Criterion(
            grade=grade,
            text=table.text("text"),
            when=table.optional("when", lambda key: self.condition(table.raw(key))),
            needs=table.optional("needs", lambda key: self.condition(table.raw(key))),
        )
        table.done()
        return found

    def column(self, table: Table, default: str) -> Column:
        analyte = table.text("analyte", default)
        if analyte not in self.context.analytes:
            table.refuse("analyte", "an analyte of analytes.toml")
        limits = table.table("limits")
        column = Column(
            analyte=analyte,
            unit=table.text("unit"),
            when=table.optional("when", lambda key: self.condition(table.raw(key))),
            limits={_grade_key(key, limits): _limits(key, limits) for key in limits.names()},
        )
        table.done()
        return column

    def example(self, table: Table) -> Example:
        facts = table.table("facts") if "facts" in table else Table({}, table.where)
        labs = table.table("labs") if "labs" in table else Table({}, table.where)
        example = Example(
            facts={name: facts.raw(name) for name in facts.names()},
            labs={name: labs.raw(name) for name in labs.names()},
            expected=table.raw("grade"),
        )
        table.done()
        return example


def _grade_key(key: str, table: Table) -> int:
    if key not in {"0", "1", "2", "3", "4"}:
        table.refuse(key, "under a grade from 0 to 4")
    return int(key)


def _limits(key: str, table: Table) -> tuple[Limit, ...]:
    raw = table.raw(key)
    texts = (raw,) if isinstance(raw, str) else table.texts(key)
    return tuple(parse_limit(text, table.where) for text in texts)
