"""One day's facts under another rule set: which grades, flags and urgency would have been others."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.clinical.facts import Facts
from backend.clinical.freshness import fresh_names
from backend.clinical.pipeline import Assessment, assess, only_about
from backend.clinical.rules import Ruleset


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an assessment came to: grade by term, tier by flag, and the tier of all."""

    grades: Mapping[str, int | None]
    flags: Mapping[str, str]
    tier: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What would change; each pair is (as it was, as it would be), None where there is none."""

    grades: Mapping[str, tuple[int | None, int | None]]
    flags: Mapping[str, tuple[str | None, str | None]]
    tier: tuple[str, str] | None

    def __bool__(self) -> bool:
        """Tell whether anything would change."""
        return bool(self.grades or self.flags or self.tier)


def assess_again(facts: Facts, news: frozenset[str], ruleset: Ruleset) -> Assessment:
    """Assess stored facts by a rule set, as the day's own source was assessed.

    Facts that the rule set does not declare any more are left out: no rule could read them.
    """
    known = Facts(
        {name: value for name, value in facts.values.items() if name in ruleset.facts},
        {name: lab for name, lab in facts.labs.items() if name in ruleset.units.analytes},
    )
    return only_about(assess(known, ruleset), fresh_names(known, news, ruleset))


def outcome_of(assessment: Assessment) -> Outcome:
    """Give what an assessment came to."""
    return Outcome(
        {grade.term: grade.grade for grade in assessment.grades},
        {flag.id: flag.tier for flag in assessment.flags},
        assessment.tier,
    )


def difference(was: Outcome, would_be: Outcome) -> Difference:
    """Compare two outcomes; a grade that cannot be given is None, like one that is not there."""
    terms = sorted(was.grades.keys() | would_be.grades.keys())
    ids = sorted(was.flags.keys() | would_be.flags.keys())
    grades = {term: (was.grades.get(term), would_be.grades.get(term)) for term in terms}
    flags = {flag: (was.flags.get(flag), would_be.flags.get(flag)) for flag in ids}
    return Difference(
        {term: pair for term, pair in grades.items() if pair[0] != pair[1]},
        {flag: pair for flag, pair in flags.items() if pair[0] != pair[1]},
        None if was.tier == would_be.tier else (was.tier, would_be.tier),
    )
