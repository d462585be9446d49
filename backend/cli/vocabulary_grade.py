"""The words of the grading cases, mapped to facts here at the edge and nowhere else."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

from backend.cli import words_labs, words_said
from backend.clinical.facts import PER_TERM, Facts, LabValue, Value, fault_of
from backend.clinical.grading import grade_term
from backend.clinical.gradingrules import GradingRule
from backend.clinical.rules import Ruleset, derive_facts

# A per-term fact that so few terms read says which term is meant; a more common one does not. Beside
# a result or a measurement, which says it already, only the rarest does.
TELLING, TELLING_BESIDE = 8, 3
# Mild, moderate and severe mean every term that is graded by these words.
STRENGTH = "severity"


class UnreadableLineError(Exception):
    """A line cannot be graded at all; the text says why."""


@dataclass(slots=True)
class Case:
    """One line read: facts about anything, facts about a term not yet named, results, and the rest.

    `said` holds for each word about a term the facts it may mean, `open` what was named as not known
    (null), `unread` the words that mean nothing.
    """

    values: dict[str, Value] = field(default_factory=dict)
    bare: dict[str, Value] = field(default_factory=dict)
    labs: dict[str, LabValue] = field(default_factory=dict)
    said: list[set[str]] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)

    @property
    def measured(self) -> bool:
        """Say whether a result or a measurement tells already what the line is about."""
        numbers = any(isinstance(value, Decimal) for value in self.values.values())
        return bool(self.labs) or numbers


@cache
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """Return the table of words: what each may mean, by fact names."""
    path = Path(__file__).with_name("grade_words.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {word: tuple(facts) for word, facts in table.items()}


def read_case(words: Mapping[str, object], ruleset: Ruleset) -> Case:
    """Read the input of one line; a word with null is not known, but says what the line is about.

    Raises:
        UnreadableLineError: a value that its fact cannot have, a result that is no number.
    """
    case = Case()
    rest = {word: value for word, value in words.items() if value is not None}
    case.open.update(_open_facts(words, ruleset))
    try:
        case.open.update(words_labs.take_open(rest, words, ruleset))
        case.labs.update(words_labs.take(rest, ruleset))
    except ValueError as error:
        raise UnreadableLineError(str(error)) from error
    bare = bare_facts(ruleset)
    for word, value in rest.items():
        meant = words_said.read(word, value, rest, ruleset)
        if meant is None:
            meant = [(fact, value) for fact in synonyms().get(word, (word,))]
        faults = [_take(fact, raw, case, bare, ruleset) for fact, raw in meant]
        case.said.append({fact for fact, _ in meant if fact in case.bare})
        if faults and None not in faults:
            if any(faults):
                message = f"{word}: {next(fault for fault in faults if fault)}"
                raise UnreadableLineError(message)
            case.unread.append(word)
    # A corrected calcium is a result like any other.
    case.labs.update(derive_facts(Facts({}, case.labs), ruleset).labs)
    return case


def _open_facts(words: Mapping[str, object], ruleset: Ruleset) -> set[str]:
    """Return the facts that null was written for, and what would have been derived from them."""
    found = {
        fact
        for word, value in words.items()
        if value is None
        for fact in synonyms().get(word, (word,))
        if fact in ruleset.facts
    }
    for derivation in ruleset.deductions.derivations:
        if not found.isdisjoint(derivation.of):
            found.add(derivation.fact)
    return found


@cache
def _bare(names: frozenset[str]) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        _, scoped, bare = name.rpartition(PER_TERM)
        if scoped:
            counts[bare] = counts.get(bare, 0) + 1
    return counts


def bare_facts(ruleset: Ruleset) -> Mapping[str, int]:
    """Return the per-term facts without their term, and how many terms read each."""
    return _bare(frozenset(ruleset.facts))


def _take(
    fact: str, raw: object, case: Case, bare: Mapping[str, int], ruleset: Ruleset
) -> str | None:
    """Put one fact into the case; returns None, a fault, or "" where there is no such fact."""
    if fact in bare:
        name = next(name for name in ruleset.facts if name.endswith(PER_TERM + fact))
        target = case.bare
    elif fact in ruleset.facts:
        name, target = fact, case.values
    else:
        return ""
    fault = fault_of(ruleset.facts[name], raw)
    if fault is None and isinstance(raw, bool | Decimal | str):
        target[fact] = raw
    return fault


def graded_terms(case: Case, ruleset: Ruleset) -> list[tuple[GradingRule, Facts]]:
    """Pair every term that the line is about with the facts about it."""
    found = []
    about = _addressed(case, ruleset)
    for rule in about:
        bare = case.bare if not case.labs or _is_meant(rule, about, case, ruleset) else {}
        found.append((rule, _facts_for(rule, bare, case, ruleset)))
    return found


def _addressed(case: Case, ruleset: Ruleset) -> list[GradingRule]:
    """Choose the terms: those that telling words name, else those that read all that is affirmed."""
    known = derive_facts(Facts(case.values, case.labs), ruleset).values
    names = (*known, *(f"lab:{analyte}" for analyte in case.labs), *case.open)
    ids = {rule_id for name in names for rule_id in ruleset.readers.get(name, ())}
    counts = bare_facts(ruleset)
    few = TELLING_BESIDE if case.measured else TELLING
    telling = [fact for fact in case.bare if counts[fact] <= few or fact == STRENGTH]
    rules = ruleset.gradings.values()
    found = [rule for rule in rules if rule.id in ids or _reads(rule, telling)]
    # What is denied need not stand in the criteria of the term that it is said about.
    affirmed = [facts for facts in case.said if any(case.bare[fact] is not False for fact in facts)]
    return found or [
        rule
        for rule in rules
        if _reads(rule, case.bare) and all(_reads(rule, facts) for facts in affirmed)
    ]


def _reads(rule: GradingRule, facts: Iterable[str]) -> bool:
    return any(f"{rule.id}{PER_TERM}{fact}" in rule.reads for fact in facts)


def _is_meant(rule: GradingRule, about: list[GradingRule], case: Case, ruleset: Ruleset) -> bool:
    """Say whether words beside a result are about this term.

    Of the terms that read the result they are about those whose number is abnormal, if any is: a
    patient with high potassium is not in hospital for a low one.
    """
    read = [other for other in about if not other.analytes.isdisjoint(case.labs)]
    abnormal = [
        other.id
        for other in read
        if (grade_term(other, _facts_for(other, {}, case, ruleset), ruleset).grade or 0) > 0
    ]
    return rule not in read or not abnormal or rule.id in abnormal


def _facts_for(rule: GradingRule, bare: Mapping[str, Value], case: Case, ruleset: Ruleset) -> Facts:
    scoped = {f"{rule.id}{PER_TERM}{name}": value for name, value in bare.items()}
    own = {name: value for name, value in scoped.items() if name in ruleset.facts}
    if rule.given is not None:
        # Whoever asks for the grade of a diagnosis says that it was made.
        own.setdefault(f"{rule.id}{PER_TERM}present", True)
    return derive_facts(Facts({**case.values, **own}, case.labs), ruleset)
