"""Rule sets over time: keep each version, say how two differ, run one over stored days again."""

import datetime as dt
import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backend.clinical.facts import Facts, LabValue
from backend.clinical.replay import Difference, Outcome, assess_again, difference, outcome_of
from backend.clinical.rules import DATA, Ruleset
from backend.errors import NotFound
from backend.models import ruleset as versions
from backend.models.assessment import AssessmentRecord, assessments_since
from backend.models.base import from_bson
from backend.models.ruleset import RulesetVersion


@dataclass(frozen=True, slots=True)
class Replayed:
    """One stored day that would come out otherwise."""

    assessment_id: str
    subject_id: str
    day: dt.date
    ruleset_version: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class Report:
    """What a replay found: how many days were read, which would change, and how often what."""

    read: int
    changed: tuple[Replayed, ...]
    counts: Counter[str]


def keep_rules(ruleset: Ruleset, *, now: dt.datetime, path: Path = DATA) -> bool:
    """Store the rule set in force for good; False when it is stored already."""
    files = {
        file.relative_to(path).as_posix().replace(".", "|"): file.read_text(encoding="utf-8")
        for file in sorted((*path.rglob("*.toml"), *path.rglob("*.csv")))
    }
    return versions.keep_ruleset(RulesetVersion(ruleset.version, now, files))


def compare_rules(first: str, second: str) -> Iterator[str]:
    """Say how two stored versions differ, as unified diff lines by file.

    Raises:
        NotFound: a version was never loaded here.
    """
    old, new = _version(first), _version(second)
    for name in sorted(old.files.keys() | new.files.keys()):
        shown = name.replace("|", ".")
        yield from difflib.unified_diff(
            old.files.get(name, "").splitlines(),
            new.files.get(name, "").splitlines(),
            f"{first}/{shown}",
            f"{second}/{shown}",
            lineterm="",
            n=1,
        )


def replay(ruleset: Ruleset, *, since: dt.date) -> Report:
    """Run a rule set over every stored day since `since`; nothing stored is touched.

    A clinician's judgement is no part of it: only the machine's own outcome is compared.
    """
    read = 0
    changed: list[Replayed] = []
    counts: Counter[str] = Counter()
    for stored in assessments_since(since):
        read += 1
        facts = _facts(stored)
        again = outcome_of(assess_again(facts, frozenset(stored.news), ruleset))
        found = difference(_stored_outcome(stored), again)
        if found:
            changed.append(
                Replayed(stored.id, stored.subject_id, stored.day, stored.ruleset_version, found)
            )
            counts.update(_kinds(found))
    return Report(read, tuple(changed), counts)


def _version(version: str) -> RulesetVersion:
    found = versions.find_ruleset(version)
    if found is None:
        message = f"the rule set {version} was never loaded here"
        raise NotFound(message)
    return found


def _facts(stored: AssessmentRecord) -> Facts:
    labs = {name: from_bson(LabValue, dict(lab)) for name, lab in stored.facts["labs"].items()}
    return Facts(stored.facts["values"], labs)


def _stored_outcome(stored: AssessmentRecord) -> Outcome:
    return Outcome(
        {grade["term"]: grade["grade"] for grade in stored.grades},
        {flag["id"]: flag["tier"] for flag in stored.flags},
        stored.tier,
    )


def _kinds(found: Difference) -> Iterator[str]:
    for term, (was, would_be) in found.grades.items():
        yield f"grade of {term}: {was} -> {would_be}"
    for flag, (tier, new_tier) in found.flags.items():
        yield f"flag {flag}: {tier} -> {new_tier}"
    if found.tier is not None:
        yield f"tier: {found.tier[0]} -> {found.tier[1]}"
