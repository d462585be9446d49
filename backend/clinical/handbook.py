"""The rule set as a page that a clinician can read: every criterion, source, mark and version."""

from collections.abc import Iterable, Iterator

from backend.clinical.flagrules import FlagRule
from backend.clinical.gradingrules import GradingRule
from backend.clinical.rules import Ruleset

_MARKS = {
    "read": "read in the source",
    "GK": "general knowledge, to be checked before it is locked",
    "P": "a proposal of this project, configurable",
}


def write_handbook(ruleset: Ruleset) -> str:
    """Write all rules as Markdown; the same rules give the same bytes."""
    parts = (_head, _flags, _drugs, _gradings)
    return "\n".join([*(line for part in parts for line in part(ruleset)), ""])


def _head(ruleset: Ruleset) -> Iterator[str]:
    yield "# Clinical rules"
    yield ""
    yield "Generated from `backend/clinical/data/` by `flask rules handbook`; do not edit."
    yield "Not reviewed by a physician. Grades are provisional; what is said of a drug informs,"
    yield "for the investigator's decision."
    yield ""
    yield f"Rule set `{ruleset.version}`: {len(ruleset.flags)} flags, {len(ruleset.gradings)} graded"
    yield f"terms of {len(ruleset.catalogue)}, {len(ruleset.symptoms)} symptoms asked."
    yield ""


def _flags(ruleset: Ruleset) -> Iterator[str]:
    yield "## Flags"
    yield ""
    for flag in sorted(ruleset.flags.values(), key=lambda rule: (rule.domain, rule.id)):
        yield from _flag(flag)


def _flag(flag: FlagRule) -> Iterator[str]:
    yield f"### {flag.id}: {flag.title['en']} ({flag.title['zh']})"
    yield ""
    organs = f"; may be immune-related: {', '.join(flag.organs)}" if flag.organs else ""
    yield f"Domain {flag.domain}{organs}. Source: {flag.source} ({_MARKS[flag.mark]})."
    yield f"Rule `{flag.rule}`, version {flag.version}."
    yield ""
    yield from _table(("tier", "when"), ((tier.tier, tier.text) for tier in flag.tiers))
    for cause in flag.causes:
        speaks = [f"first where: {cause.leads.text}"] if cause.leads is not None else []
        speaks += [f"for: {part.text}" for part in cause.supports]
        speaks += [f"against: {part.text}" for part in cause.opposes]
        yield f"- candidate cause {cause.component}{': ' + '; '.join(speaks) if speaks else ''}"
    for action in flag.actions:
        yield f"- {action.component}: {action.text} ({action.source})"
    yield ""


def _drugs(ruleset: Ruleset) -> Iterator[str]:
    yield "## What holds for a drug in several flags (latency, dechallenge, rechallenge)"
    yield ""
    for drug in ruleset.drugs.values():
        yield f"### {drug.title['en']}"
        yield ""
        yield f"File `drugs/{drug.id}`, version {drug.version}."
        yield ""
        for pattern in drug.patterns:
            speaks = [f"for: {part.text}" for part in pattern.supports]
            speaks += [f"against: {part.text}" for part in pattern.opposes]
            about = ", ".join(pattern.flags)
            yield f"- {about}: {'; '.join(speaks)} ({pattern.source}; {pattern.mark})"
        yield ""


def _gradings(ruleset: Ruleset) -> Iterator[str]:
    yield "## Grades (CTCAE v4.03, in our own short words)"
    yield ""
    for rule in sorted(ruleset.gradings.values(), key=lambda rule: (rule.term.soc, rule.term.name)):
        yield from _grading(rule)


def _grading(rule: GradingRule) -> Iterator[str]:
    yield f"### {rule.term.name} ({rule.term.meddra_code})"
    yield ""
    yield f"Source: {rule.source}. Rule `{rule.id}`, version {rule.version}."
    for label, text in (("Decided", rule.decision), ("Limits", rule.limits_note)):
        if text:
            yield f"{label}: {text}"
    yield ""
    yield from _table(
        ("grade", "criterion", "by"),
        (
            (str(criterion.grade), criterion.text, decided_by(rule, criterion.grade))
            for criterion in sorted(rule.criteria, key=lambda part: part.grade)
        ),
    )


def decided_by(rule: GradingRule, grade: int) -> str:
    """Say what decides one grade: a laboratory's limits, facts, or a clinician."""
    limits = [
        f"{column.analyte} {limit.text} {column.unit}"
        for column in rule.columns
        for limit in column.limits.get(grade, ())
    ]
    criterion = next(part for part in rule.criteria if part.grade == grade)
    if limits:
        return "; ".join(limits)
    return "facts" if criterion.when is not None else "a clinician"


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""
