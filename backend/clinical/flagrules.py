"""The shape of a flag rule file: tiers, candidate causes with evidence, actions as information."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backend.clinical.conditions import Condition, parse
from backend.clinical.document import Table
from backend.clinical.facts import FactDeclaration
from backend.clinical.logic import AllOf

# From the most to the least urgent; `none` is the absence of all of them.
TIERS = ("emergency", "urgent", "same_day", "routine")
MARKS = ("read", "GK", "P")
COMPONENTS = (
    "ql1706",
    "regorafenib",
    "capecitabine",
    "oxaliplatin",
    "radiotherapy",
    "disease",
    "other",
)
ORGANS = (
    "GI",
    "cardiac",
    "endocrine",
    "haematologic",
    "hepatic",
    "infusion",
    "musculoskeletal",
    "neurologic",
    "neuromuscular",
    "ocular",
    "pancreas",
    "pulmonary",
    "renal",
    "skin",
    "systemic",
    "vascular",
)


@dataclass(frozen=True, slots=True)
class Tier:
    """One level of urgency and when it is reached; `reads` are the facts that decide."""

    tier: str
    when: Condition
    text: str
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for or against a cause."""

    when: Condition
    text: str


@dataclass(frozen=True, slots=True)
class Cause:
    """A candidate cause and the evidence that ranks it.

    `leads`: where this is true it comes before those that do not lead, whatever else speaks; that
    is how a row of the decision table is written (safety rules, 6.2).
    """

    component: str
    supports: tuple[Evidence, ...]
    opposes: tuple[Evidence, ...]
    leads: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """What a label or guideline says to do with one component; information, never an order."""

    component: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class FlagExample:
    """Facts and the tier that must come of them."""

    facts: Mapping[str, object]
    labs: Mapping[str, object]
    tier: str


@dataclass(frozen=True, slots=True)
class OrganSign:
    """An organ that the flag speaks for only under a condition."""

    organ: str
    when: Condition


@dataclass(frozen=True, slots=True)
class FlagRule:
    """When one flag is raised, how urgent it is, and what may have caused it.

    `organs` are those whose immune-related event would raise it, `organs_when` more of them under a
    condition. `weak` is when it says little about one: always (true in the file) or as written.
    `amber_group`: two `same_day` flags of different groups raise TWO_AMBERS.
    """

    id: str
    title: Mapping[str, str]
    domain: str
    organs: tuple[str, ...]
    organs_when: tuple[OrganSign, ...]
    weak: Condition | None
    amber_group: str | None
    source: str
    mark: str
    tiers: tuple[Tier, ...]
    causes: tuple[Cause, ...]
    actions: tuple[Action, ...]
    examples: tuple[FlagExample, ...]
    reads: frozenset[str]
    rule: str
    version: str = ""


def parse_flag_rule(
    raw: Mapping[str, object],
    rule: str,
    declared: Mapping[str, FactDeclaration],
    definitions: Mapping[str, Condition],
) -> FlagRule:
    """Read one file of flags/; `rule` is its name without ending.

    Raises:
        RuleError: an unknown key, tier, component or fact; an id that is not the file's name.
    """
    table = Table(raw, f"flags/{rule}.toml")
    reader = _Reader(declared, definitions, table.where)
    flag = FlagRule(
        id=table.text("id"),
        title=table.languages("title"),
        domain=table.text("domain"),
        organs=_organs(table),
        organs_when=tuple(reader.organ(part) for part in table.tables("organ_when")),
        weak=reader.weak(table),
        amber_group=table.optional("amber_group", table.text),
        source=table.text("source"),
        mark=table.choice("mark", MARKS),
        tiers=tuple(reader.tier(part) for part in table.tables("tier")),
        causes=tuple(reader.cause(part) for part in table.tables("cause")),
        actions=tuple(reader.action(part) for part in table.tables("action")),
        examples=tuple(reader.example(part) for part in table.tables("example")),
        reads=frozenset(),
        rule=rule,
    )
    table.done()
    if flag.id.lower().replace("_", "-") != rule:
        table.refuse("id", f"the file's name, {rule}")
    order = [TIERS.index(tier.tier) for tier in flag.tiers]
    if not order or order != sorted(set(order)):
        table.refuse("tier", "there, each once, from the most urgent down")
    conditions = [tier.when for tier in flag.tiers]
    conditions += [sign.when for sign in flag.organs_when]
    if flag.weak is not None:
        conditions.append(flag.weak)
    for cause in flag.causes:
        conditions += [part.when for part in (*cause.supports, *cause.opposes)]
        conditions += [cause.leads.when] if cause.leads is not None else []
    return replace(flag, reads=frozenset[str]().union(*(part.reads() for part in conditions)))


def read_evidence(
    table: Table, declared: Mapping[str, FactDeclaration], definitions: Mapping[str, Condition]
) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    """Read what speaks `for` and what `against` a cause.

    Raises:
        RuleError: an unknown key or fact.
    """
    reader = _Reader(declared, definitions, table.where)
    return (
        tuple(reader.evidence(part) for part in table.tables("for")),
        tuple(reader.evidence(part) for part in table.tables("against")),
    )


def _organs(table: Table) -> tuple[str, ...]:
    organs = (table.text("organ"),) if isinstance(table.raw("organ"), str) else table.texts("organ")
    if not set(organs) <= set(ORGANS):
        table.refuse("organ", f"of {', '.join(ORGANS)}")
    return organs


@dataclass(frozen=True, slots=True)
class _Reader:
    declared: Mapping[str, FactDeclaration]
    definitions: Mapping[str, Condition]
    where: str

    def when(self, table: Table) -> Condition:
        return parse(table.raw("when"), self.declared, self.definitions, where=table.where)

    def organ(self, table: Table) -> OrganSign:
        sign = OrganSign(table.choice("organ", ORGANS), self.when(table))
        table.done()
        return sign

    def weak(self, table: Table) -> Condition | None:
        if isinstance(raw := table.raw("weak"), bool):
            return AllOf(()) if raw else None
        if raw is None:
            return None
        return parse(raw, self.declared, self.definitions, where=table.where)

    def tier(self, table: Table) -> Tier:
        when = self.when(table)
        tier = Tier(table.choice("tier", TIERS), when, table.text("text"), when.reads())
        table.done()
        return tier

    def cause(self, table: Table) -> Cause:
        cause = Cause(
            component=table.choice("component", COMPONENTS),
            supports=tuple(self.evidence(part) for part in table.tables("for")),
            opposes=tuple(self.evidence(part) for part in table.tables("against")),
            leads=self.evidence(table.table("leads")) if "leads" in table else None,
        )
        table.done()
        return cause

    def evidence(self, table: Table) -> Evidence:
        evidence = Evidence(self.when(table), table.text("text"))
        table.done()
        return evidence

    def action(self, table: Table) -> Action:
        action = Action(
            table.choice("component", (*COMPONENTS, "care")),
            table.text("text"),
            table.text("source"),
        )
        table.done()
        return action

    def example(self, table: Table) -> FlagExample:
        facts = table.table("facts") if "facts" in table else Table({}, table.where)
        labs = table.table("labs") if "labs" in table else Table({}, table.where)
        example = FlagExample(
            facts={name: facts.raw(name) for name in facts.names()},
            labs={name: labs.raw(name) for name in labs.names()},
            tier=table.choice("tier", (*TIERS, "none")),
        )
        table.done()
        return example
