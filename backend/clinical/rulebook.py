"""Each rule as a page that a clinician can read: criteria, causes, what the label says, source, version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from backend.clinical.drugs import Drug
from backend.clinical.flagrules import Evidence, FlagRule
from backend.clinical.gradingrules import GradingRule
from backend.clinical.handbook import decided_by
from backend.clinical.rules import Ruleset

FLAG, GRADING, DRUG = "flag", "grading", "drug"
KINDS = (FLAG, GRADING, DRUG)


@dataclass(frozen=True, slots=True)
class Level:
    """One tier or one grade: when it is reached, in words, and what decides (facts, a limit, a clinician)."""

    level: str
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class CausePage:
    """One candidate cause: where it leads, what speaks for and against it."""

    component: str
    leads: str | None
    supports: tuple[str, ...]
    opposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionPage:
    """What a label or guideline says of one component; information, never an order."""

    component: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule. `group` is a flag's domain or a term's system organ class.

    `mark`: `read` in the source, `GK` general knowledge to be checked, `P` a proposal of this project;
    None: the file says it part by part.
    """

    kind: str
    id: str
    title: Mapping[str, str]
    group: str
    source: str
    mark: str | None
    rule: str
    version: str
    organs: tuple[str, ...] = ()
    meddra_code: str | None = None
    decision: str = ""
    limits: str = ""
    levels: tuple[Level, ...] = ()
    causes: tuple[CausePage, ...] = ()
    actions: tuple[ActionPage, ...] = ()
    reads: tuple[str, ...] = field(default=())


def rule_pages(ruleset: Ruleset) -> Iterator[RulePage]:
    """Give every rule: flags by domain, grades by system organ class, drugs by name."""
    for flag in sorted(ruleset.flags.values(), key=lambda rule: (rule.domain, rule.id)):
        yield _flag(flag)
    for grading in sorted(
        ruleset.gradings.values(), key=lambda rule: (rule.term.soc, rule.term.name)
    ):
        yield _grading(grading)
    yield from map(_drug, ruleset.drugs.values())


def find_rule(ruleset: Ruleset, kind: str, rule_id: str) -> RulePage | None:
    """Give one rule by its kind and id; None where there is none."""
    if kind == FLAG and rule_id in ruleset.flags:
        return _flag(ruleset.flags[rule_id])
    if kind == GRADING and rule_id in ruleset.gradings:
        return _grading(ruleset.gradings[rule_id])
    if kind == DRUG and rule_id in ruleset.drugs:
        return _drug(ruleset.drugs[rule_id])
    return None


def _flag(flag: FlagRule) -> RulePage:
    return RulePage(
        FLAG,
        flag.id,
        flag.title,
        flag.domain,
        flag.source,
        flag.mark,
        flag.rule,
        flag.version,
        organs=tuple(flag.organs),
        levels=tuple(Level(tier.tier, tier.text, "facts") for tier in flag.tiers),
        causes=tuple(
            CausePage(
                cause.component,
                None if cause.leads is None else cause.leads.text,
                _texts(cause.supports),
                _texts(cause.opposes),
            )
            for cause in flag.causes
        ),
        actions=tuple(
            ActionPage(action.component, action.text, action.source) for action in flag.actions
        ),
        reads=tuple(sorted({name for tier in flag.tiers for name in tier.reads})),
    )


def _grading(rule: GradingRule) -> RulePage:
    return RulePage(
        GRADING,
        rule.id,
        {"en": rule.term.name},
        rule.term.soc,
        rule.source,
        None,
        rule.id,
        rule.version,
        meddra_code=rule.term.meddra_code,
        decision=rule.decision,
        limits=rule.limits_note,
        levels=tuple(
            Level(f"grade {criterion.grade}", criterion.text, decided_by(rule, criterion.grade))
            for criterion in sorted(rule.criteria, key=lambda part: part.grade)
        ),
        reads=tuple(sorted(rule.reads)),
    )


def _drug(drug: Drug) -> RulePage:
    return RulePage(
        DRUG,
        drug.id,
        drug.title,
        "what holds for a drug in several flags",
        "; ".join(dict.fromkeys(pattern.source for pattern in drug.patterns)),
        None,
        f"drugs/{drug.id}",
        drug.version,
        causes=tuple(
            CausePage(
                ", ".join(pattern.flags),
                None,
                _texts(pattern.supports),
                _texts(pattern.opposes),
            )
            for pattern in drug.patterns
        ),
    )


def _texts(parts: tuple[Evidence, ...]) -> tuple[str, ...]:
    return tuple(part.text for part in parts)
