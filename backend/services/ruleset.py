"""Rule sets over time: keep each version, say how two differ, run one over stored days again."""

import datetime as dt
import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from backend.clinical.facts import Facts, LabValue
from backend.clinical.replay import (
    Difference,
    Outcome,
    Ringing,
    assess_again,
    changed,
    difference,
    outcome_of,
    spell_grade,
)
from backend.clinical.rules import DATA, Ruleset, load_ruleset
from backend.errors import NotFound
from backend.models import ruleset as versions
from backend.models.adverse_event import judged_assessments
from backend.models.assessment import AssessmentRecord, assessments_of
from backend.models.base import from_bson
from backend.models.ruleset import RulesetVersion
from backend.models.subject import subjects_at
from backend.services.kept import kept_once


@dataclass(frozen=True, slots=True)
class Replayed:
    """One stored assessment and what would change in it; false where nothing would.

    `judged`: it is part of an event that a clinician has judged; that judgement stays as it is.
    """

    assessment_id: str
    subject_id: str
    day: dt.date
    ruleset_version: str
    difference: Difference
    judged: bool

    def __bool__(self) -> bool:
        """Tell whether anything would change."""
        return bool(self.difference)

    def kinds(self) -> Iterator[str]:
        """Name each change without the subject, for counting."""
        found = self.difference
        for what, pairs in (
            ("grade of", found.grades),
            ("flag", found.flags),
            ("alert", found.alerts),
        ):
            for name, (was, would_be) in pairs.items():
                yield f"{what} {name}: {was or 'none'} -> {would_be or 'none'}"
        if found.tier is not None:
            yield f"tier: {found.tier[0]} -> {found.tier[1]}"


def keep_rules(ruleset: Ruleset, *, now: dt.datetime, path: Path = DATA) -> bool:
    """Store the rule set in force for good; False when it is stored already."""
    files = {
        file.relative_to(path).as_posix().replace(".", "|"): file.read_text(encoding="utf-8")
        for file in sorted((*path.rglob("*.toml"), *path.rglob("*.csv")))
    }
    version = RulesetVersion(ruleset.version, now, files)
    return kept_once(
        "rule:change",
        f"ruleset/{ruleset.version}",
        lambda session: versions.keep_ruleset(version, session=session),
        now=now,
    )


def rules_in_force(version: str | None, current: Ruleset) -> Ruleset:
    """Give the rule set of a version, from what was kept of it; None: the current one.

    What a data cut says must not change with the rules of a later release.

    Raises:
        NotFound: the version was never loaded here.
        RuleError: it is written in words that this release no longer reads.
    """
    return current if version in (None, current.version) else _kept_rules(str(version))


@lru_cache(maxsize=4)
def _kept_rules(version: str) -> Ruleset:
    with TemporaryDirectory() as folder:
        for name, text in _version(version).files.items():
            file = Path(folder, name.replace("|", "."))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return load_ruleset(Path(folder))


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


def replay(
    ruleset: Ruleset, *, since: dt.date, sites: Collection[str] | None = None
) -> Iterator[Replayed]:
    """Run a rule set over every stored day of `sites` (None: all) since `since`, by subject.

    Nothing stored is touched, and a clinician's judgement is no part of it: only the machine's own
    outcome is compared.
    """
    for subject_id in subjects_at(sites):
        judged = judged_assessments(subject_id)
        was, would_be = Ringing(), Ringing()
        for stored in assessments_of(subject_id, since):
            before = _stored_outcome(stored)
            after = outcome_of(assess_again(_facts(stored), frozenset(stored.news), ruleset))
            rang = was.hear(before.flags, stored.at)
            would_ring = would_be.hear(after.flags, stored.at)
            yield Replayed(
                stored.id,
                subject_id,
                stored.day,
                stored.ruleset_version,
                replace(difference(before, after), alerts=changed(rang, would_ring)),
                stored.id in judged,
            )


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
        {
            grade["term"]: spell_grade(
                grade.get("grade"), grade.get("at_least"), grade.get("at_most")
            )
            for grade in stored.grades
        },
        {flag["id"]: flag["tier"] for flag in stored.flags},
        stored.tier,
    )
