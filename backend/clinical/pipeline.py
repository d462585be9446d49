"""Facts to an assessment: score, grade, flag, and the questions that would settle what is open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.clinical.facts import Facts
from backend.clinical.grading import Grade, grade_facts
from backend.clinical.rules import Ruleset, derive_facts
from backend.clinical.scoring import Score, score_symptoms


@dataclass(frozen=True, slots=True)
class Question:
    """One fact that would narrow a grade or settle a flag; `about` names those grades and flags.

    `asked` says who can answer; `text` holds our own words by language.
    """

    fact: str
    type: str
    asked: str
    text: Mapping[str, str]
    unit: str | None
    choices: tuple[str, ...]
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that one set of facts means; provisional, for people to judge.

    `tier` is the highest of the flags' tiers, `none` where there is no flag.
    """

    ruleset_version: str
    scores: tuple[Score, ...]
    grades: tuple[Grade, ...]
    questions: tuple[Question, ...]


def assess(facts: Facts, ruleset: Ruleset) -> Assessment:
    """Assess one set of facts; pure, so that the same facts and rules always mean the same."""
    known = derive_facts(facts, ruleset)
    grades = grade_facts(known, ruleset)
    return Assessment(
        ruleset_version=ruleset.version,
        scores=score_symptoms(known, ruleset.symptoms, ruleset.composites),
        grades=grades,
        questions=_questions(((grade.term, grade.missing) for grade in grades), known, ruleset),
    )


def _questions(
    missing: Iterable[tuple[str, tuple[str, ...]]], known: Facts, ruleset: Ruleset
) -> tuple[Question, ...]:
    """Collect what can be asked, each fact once, in the order in which it came up."""
    sources = {derivation.fact: derivation.of for derivation in ruleset.deductions.derivations}
    about: dict[str, list[str]] = {}
    for subject, names in missing:
        for name in names:
            # Nobody can be asked for a difference: ask for what it is made of.
            for asked in sources.get(name, (name,)):
                if asked not in known.values:
                    about.setdefault(asked, []).append(subject)
    questions = []
    for name, subjects in about.items():
        declared = ruleset.facts.get(name)
        if declared is not None and declared.question is not None:
            questions.append(
                Question(
                    fact=name,
                    type=declared.type,
                    asked=declared.asked,
                    text=declared.question,
                    unit=declared.unit,
                    choices=declared.choices,
                    about=tuple(subjects),
                )
            )
    return tuple(questions)
