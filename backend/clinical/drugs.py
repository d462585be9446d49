"""What is known of a drug in several flags at once: latency, dechallenge, rechallenge; as data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from backend.clinical.conditions import Condition
from backend.clinical.document import RuleError, Table
from backend.clinical.facts import FactDeclaration
from backend.clinical.flagrules import COMPONENTS, MARKS, Evidence, FlagRule, read_evidence


@dataclass(frozen=True, slots=True)
class Pattern:
    """Evidence for or against a drug that holds for some flags, with its source and mark."""

    flags: tuple[str, ...]
    supports: tuple[Evidence, ...]
    opposes: tuple[Evidence, ...]
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Drug:
    """One component of the treatment; `id` is the component's."""

    id: str
    title: Mapping[str, str]
    patterns: tuple[Pattern, ...]
    version: str = ""


def parse_drug(
    raw: Mapping[str, object],
    drug_id: str,
    declared: Mapping[str, FactDeclaration],
    definitions: Mapping[str, Condition],
) -> Drug:
    """Read one file of drugs/; `drug_id` is its name without ending.

    Raises:
        RuleError: an unknown key, mark or fact; no component of that name; a pattern without evidence.
    """
    table = Table(raw, f"drugs/{drug_id}.toml")
    patterns = []
    for part in table.tables("pattern"):
        supports, opposes = read_evidence(part, declared, definitions)
        pattern = Pattern(
            flags=part.texts("flags"),
            supports=supports,
            opposes=opposes,
            source=part.text("source"),
            mark=part.choice("mark", MARKS),
        )
        part.done()
        if not pattern.supports and not pattern.opposes:
            part.refuse("for", "given, or against")
        patterns.append(pattern)
    drug = Drug(drug_id, table.languages("title"), tuple(patterns))
    table.done()
    if drug_id not in COMPONENTS:
        table.refuse("title", f"in a file named like a component: {', '.join(COMPONENTS)}")
    return drug


def with_patterns(flags: Iterable[FlagRule], drugs: Iterable[Drug]) -> list[FlagRule]:
    """Give the flags with what the drugs' patterns add to their candidate causes.

    Raises:
        RuleError: a pattern names a flag that is not there, or that has no such candidate.
    """
    found = {flag.id: flag for flag in flags}
    for drug in drugs:
        for pattern in drug.patterns:
            for name in pattern.flags:
                flag = found.get(name)
                if flag is None or all(cause.component != drug.id for cause in flag.causes):
                    message = f"drugs/{drug.id}.toml: no flag {name} with {drug.id} as a candidate"
                    raise RuleError(message)
                found[name] = _with(flag, drug.id, pattern)
    return list(found.values())


def _with(flag: FlagRule, component: str, pattern: Pattern) -> FlagRule:
    causes = tuple(
        replace(
            cause,
            supports=(*cause.supports, *pattern.supports),
            opposes=(*cause.opposes, *pattern.opposes),
        )
        if cause.component == component
        else cause
        for cause in flag.causes
    )
    added = (part.when.reads() for part in (*pattern.supports, *pattern.opposes))
    return replace(flag, causes=causes, reads=flag.reads.union(*added))
