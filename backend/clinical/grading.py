"""Facts to provisional CTCAE grades: exact or at least … at most, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.clinical.facts import Facts, Value
from backend.clinical.gradingrules import GradingRule
from backend.clinical.rulecase import RuleCase
from backend.clinical.rules import Ruleset


@dataclass(frozen=True, slots=True)
class Grade:
    """What can be said about one term; provisional until a clinician has judged.

    `grade` is None where nothing can be settled, which is not the same as 0. `at_least` and
    `at_most` are what the known facts leave open; both None where they leave everything open. A
    clinician's "life-threatening" or "hospitalization indicated" counts only where it was stated,
    and may always lift the grade. `missing` names the facts that would narrow it (`lab:<analyte>`
    and `lab:<analyte>.uln` for results and their limits).
    """

    term: str
    meddra_code: str
    soc: str
    grade: int | None
    at_least: int | None
    at_most: int | None
    reason: str
    criterion: str
    inputs: Mapping[str, Value]
    limits: str
    missing: tuple[str, ...]
    rule: str
    rule_version: str


def grade_facts(facts: Facts, ruleset: Ruleset) -> tuple[Grade, ...]:
    """Grade every term about which at least one fact is known; in the order of the rules' names.

    `facts` must hold the derived facts already (rules.derive_facts).
    """
    names = (*facts.values, *(f"lab:{analyte}" for analyte in facts.labs))
    ids = {rule_id for name in names for rule_id in ruleset.readers.get(name, ())}
    rules = (ruleset.gradings[rule_id] for rule_id in sorted(ids))
    return tuple(
        grade_term(rule, facts, ruleset)
        for rule in rules
        if rule.given is None or rule.given.truth(facts.values)
    )


def grade_term(rule: GradingRule, facts: Facts, ruleset: Ruleset) -> Grade:
    """Grade one term by its rule."""
    known = {name: facts.values[name] for name in rule.reads if name in facts.values}
    case = RuleCase(rule, {**_unstated(rule, ruleset), **known}, facts, ruleset.units)
    met = case.highest_met()
    absent = met is None and case.absent()
    open_grades = [criterion.grade for criterion in case.open(absent=absent)]
    at_least = met.grade if met else 0
    settled = met is not None or absent
    missing = case.missing(above=at_least, absent=absent, settled=settled)
    nothing = not settled and not case.limited()
    return Grade(
        term=rule.term.name,
        meddra_code=rule.term.meddra_code,
        soc=rule.term.soc,
        grade=at_least if settled else None,
        at_least=None if nothing else at_least,
        at_most=None if nothing else max(open_grades, default=at_least),
        reason=case.reason(met, missing, absent=absent),
        criterion=met.text if met else "",
        inputs={**known, **case.lab_inputs()},
        limits=rule.limits_note,
        missing=missing,
        rule=rule.id,
        rule_version=rule.version,
    )


def _unstated(rule: GradingRule, ruleset: Ruleset) -> dict[str, Value]:
    """Take what is said only where it is true as not the case: no, or the first choice."""
    return {
        name: declared.choices[0] if declared.choices else False
        for name in rule.reads
        if (declared := ruleset.facts[name]).stated
    }
