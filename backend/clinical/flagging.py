"""Facts to flags: how urgent, why, from what it may come, and what a label or guideline says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.clinical.aggregates import Aggregate, amber_groups, answers
from backend.clinical.causes import CauseFound, rank_causes
from backend.clinical.conditions import describe
from backend.clinical.facts import Facts, Value
from backend.clinical.flagrules import TIERS, Action, FlagRule
from backend.clinical.flagrules import Tier as TierRule
from backend.clinical.grounds import can_be_asked, grounds, open_facts, rests_on
from backend.clinical.rules import Ruleset
from backend.clinical.wording import unique

# At most so many questions for one flag (P): a phone that asks too much is put away.
MOST_ASKED = 6
# Raised by other flags, so assessed after them.
AFTER_OTHERS = ("TWO_AMBERS",)
# Who can be asked today; what is on record is no sign of anything new.
_ON_RECORD = "record"


@dataclass(frozen=True, slots=True)
class Flag:
    """One raised flag; provisional, for people to judge.

    `inputs` are the facts on which it rests, `missing` those that could make it more urgent.
    `weak`: many other causes raise it too. `actions` inform; the investigator decides.
    """

    id: str
    title: Mapping[str, str]
    tier: str
    domain: str
    organs: tuple[str, ...]
    weak: bool
    amber_group: str | None
    text: str
    reason: str
    inputs: Mapping[str, Value]
    missing: tuple[str, ...]
    source: str
    mark: str
    causes: tuple[CauseFound, ...]
    actions: tuple[Action, ...]
    rule: str
    rule_version: str


def assess_flags(facts: Facts, ruleset: Ruleset) -> tuple[Flag, ...]:
    """Raise every flag whose rule is fulfilled, the most urgent first.

    `facts` must hold the derived facts already (rules.derive_facts). What is not known raises
    nothing by itself, and takes nothing back: rules that soften ask for what is known.
    """
    case = _case(facts, answers(facts, ruleset), ruleset)
    first = [rule for rule in ruleset.flags.values() if rule.id not in AFTER_OTHERS]
    flags = [flag for rule in first if (flag := case.flag(rule)) is not None]
    later = _case(facts, {**case.aggregates, **amber_groups(flags)}, ruleset)
    for name in AFTER_OTHERS:
        flag = later.flag(ruleset.flags[name]) if name in ruleset.flags else None
        if flag is not None:
            flags.append(flag)
    return tuple(sorted(flags, key=lambda flag: TIERS.index(flag.tier)))


def open_questions(facts: Facts, ruleset: Ruleset) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Pair each flag that something known speaks for with what would raise it, or raise it higher.

    The most urgent possible tier first; at most `MOST_ASKED` facts each.
    """
    case = _case(facts, answers(facts, ruleset), ruleset)
    found = []
    for rule in ruleset.flags.values():
        tiers = [tier for tier in case.open_tiers(rule, case.reached(rule)) if case.askable(tier)]
        if tiers and rule.id not in AFTER_OTHERS:
            found.append((TIERS.index(tiers[0].tier), rule.id, case.open_facts(tiers)))
    return tuple((flag_id, names) for _, flag_id, names in sorted(found))


def _case(facts: Facts, aggregates: Mapping[str, Aggregate], ruleset: Ruleset) -> "_Case":
    totals = {name: found.value for name, found in aggregates.items()}
    known = Facts({**facts.values, **totals}, facts.labs)
    signs = frozenset(name for name in known.values if ruleset.facts[name].asked != _ON_RECORD)
    return _Case(facts, aggregates, ruleset, known, signs)


@dataclass(frozen=True, slots=True)
class _Case:
    """`known` are the facts with the aggregates, `signs` those of them that are not on record."""

    facts: Facts
    aggregates: Mapping[str, Aggregate]
    ruleset: Ruleset
    known: Facts
    signs: frozenset[str]

    def reached(self, rule: FlagRule) -> int:
        """Return the index of the most urgent tier that is true; the number of tiers for none."""
        values = self.known.values
        truths = (index for index, tier in enumerate(rule.tiers) if tier.when.truth(values))
        return next(truths, len(rule.tiers))

    def flag(self, rule: FlagRule) -> Flag | None:
        reached = self.reached(rule)
        if reached == len(rule.tiers):
            return None
        tier = rule.tiers[reached]
        known = self.known
        organs = (sign.organ for sign in rule.organs_when if sign.when.truth(known.values))
        return Flag(
            id=rule.id,
            title=rule.title,
            tier=tier.tier,
            domain=rule.domain,
            organs=unique((*rule.organs, *organs)),
            weak=rule.weak is not None and bool(rule.weak.truth(known.values)),
            amber_group=rule.amber_group,
            text=tier.text,
            reason=f"{tier.text}: {describe(tier.when, known)}",
            inputs=self._inputs(tier),
            missing=self.open_facts(self.open_tiers(rule, reached)),
            source=rule.source,
            mark=rule.mark,
            causes=rank_causes(rule.causes, known, self.ruleset.definitions),
            actions=rule.actions,
            rule=rule.rule,
            rule_version=rule.version,
        )

    def open_tiers(self, rule: FlagRule, reached: int) -> list[TierRule]:
        """Return the tiers above the one reached that are open and for which a sign is there."""
        values = self.known.values
        return [
            tier
            for tier in rule.tiers[:reached]
            if not self.signs.isdisjoint(tier.reads)
            and tier.when.truth(values) is None
            and rests_on(tier.when, values, self._is_sign)
        ]

    def open_facts(self, tiers: Iterable[TierRule]) -> tuple[str, ...]:
        """Name the facts that could settle these tiers, the most urgent tier's first."""
        values = self.known.values
        names = unique(
            name for tier in tiers for name in open_facts(tier.when, values, self._is_sign)
        )
        return names[:MOST_ASKED]

    def askable(self, tier: TierRule) -> bool:
        """Say whether answers could make this tier true, without a result from a laboratory."""
        return can_be_asked(tier.when, self.known.values, self._can_be_asked)

    def _can_be_asked(self, name: str) -> bool:
        derivations = self.ruleset.deductions.derivations
        sources = next((found.of for found in derivations if found.fact == name), ())
        asked = (self.ruleset.facts[source].question for source in (name, *sources))
        return any(question is not None for question in asked)

    def _is_sign(self, name: str) -> bool:
        return name in self.signs

    def _inputs(self, tier: TierRule) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name in grounds(tier.when, self.known.values):
            aggregate = self.aggregates.get(name)
            if aggregate is None:
                found[name] = self.facts.values[name]
            else:
                found |= aggregate.inputs
        return found
