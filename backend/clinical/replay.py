"""Stored days under another rule set: which grades, flags and alerts would have been others."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backend.clinical.alerting import ACKNOWLEDGED, HOLD, OpenAlert, decide_alerts
from backend.clinical.facts import Facts
from backend.clinical.freshness import fresh_names
from backend.clinical.pipeline import Assessment, assess, only_about
from backend.clinical.rules import Ruleset

UNGRADED = "cannot be graded"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an assessment came to: grade by term as spelled, tier by flag, and the tier of all."""

    grades: Mapping[str, str]
    flags: Mapping[str, str]
    tier: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What would change; each pair is (as it was, as it would be), None where there is none.

    `alerts` are flags that rang, or would ring, with their tier.
    """

    grades: Mapping[str, tuple[str | None, str | None]]
    flags: Mapping[str, tuple[str | None, str | None]]
    tier: tuple[str, str] | None
    alerts: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether anything would change."""
        return bool(self.grades or self.flags or self.tier or self.alerts)


@dataclass(frozen=True, slots=True)
class _Raised:
    id: str
    tier: str


@dataclass(slots=True)
class Ringing:
    """Alerts of one subject over the days, as if somebody took on each at once and closed none.

    So both rule sets are heard under the same human, and a flag that stays rings as it would: when
    it is new, worse, or still there 72 hours after.
    """

    open: dict[str, OpenAlert] = field(default_factory=dict)

    def hear(self, flags: Mapping[str, str], at: dt.datetime) -> dict[str, str]:
        """Give the flags of the next assessment that ring, with their tiers."""
        raised = [_Raised(flag, tier) for flag, tier in flags.items()]
        rung = {
            decision.flag_id: decision.tier
            for decision in decide_alerts(raised, self.open.values(), now=at)
            if decision.kind != HOLD
        }
        for flag, tier in rung.items():
            self.open[flag] = OpenAlert(flag, flag, tier, ACKNOWLEDGED, at, at)
        return rung


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
        {
            grade.term: spell_grade(grade.grade, grade.at_least, grade.at_most)
            for grade in assessment.grades
        },
        {flag.id: flag.tier for flag in assessment.flags},
        assessment.tier,
    )


def spell_grade(grade: int | None, at_least: int | None, at_most: int | None) -> str:
    """Spell a grade with what is open about it: "2", "2 to 3", "cannot be graded"."""
    if at_least is None or at_most is None:
        return UNGRADED if grade is None else str(grade)
    if at_least == at_most:
        return str(at_least)
    return f"{at_least} to {at_most}"


def difference(was: Outcome, would_be: Outcome) -> Difference:
    """Compare two outcomes; a term that is not there is None."""
    return Difference(
        changed(was.grades, would_be.grades),
        changed(was.flags, would_be.flags),
        None if was.tier == would_be.tier else (was.tier, would_be.tier),
    )


def changed(
    was: Mapping[str, str], would_be: Mapping[str, str]
) -> dict[str, tuple[str | None, str | None]]:
    """Give the names that say something else, with both words."""
    names: Iterable[str] = sorted(was.keys() | would_be.keys())
    pairs = {name: (was.get(name), would_be.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
