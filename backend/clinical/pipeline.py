"""Facts to an assessment: score, grade, flag, and the questions that would settle what is open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from backend.clinical.conditions import holds
from backend.clinical.facts import Facts
from backend.clinical.flagging import Flag, assess_flags, open_questions
from backend.clinical.flagrules import TIERS
from backend.clinical.grading import Grade, grade_facts
from backend.clinical.irae import Irae, irae_of
from backend.clinical.rules import Ruleset, derive_facts
from backend.clinical.scoring import Score, score_symptoms

ICI_WINDOW = "ici_window"


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

    `tier` is the highest of the flags' tiers, `none` where there is no flag. `in_ici_window`: an
    immune-related event is possible by the dates of QL1706.
    """

    ruleset_version: str
    tier: str
    in_ici_window: bool
    irae: Irae
    scores: tuple[Score, ...]
    grades: tuple[Grade, ...]
    flags: tuple[Flag, ...]
    questions: tuple[Question, ...]


def assess(facts: Facts, ruleset: Ruleset) -> Assessment:
    """Assess one set of facts; pure, so that the same facts and rules always mean the same."""
    known = derive_facts(facts, ruleset)
    grades = grade_facts(known, ruleset)
    flags = assess_flags(known, ruleset)
    in_window = bool(holds(ruleset.definitions[ICI_WINDOW], known))
    # The flags' questions come first: they may be about an emergency.
    missing = (
        *open_questions(known, ruleset),
        *((grade.term, grade.missing) for grade in grades),
    )
    return Assessment(
        ruleset_version=ruleset.version,
        tier=_highest(flags),
        in_ici_window=in_window,
        irae=irae_of(flags, in_window=in_window),
        scores=score_symptoms(known, ruleset.symptoms, ruleset.composites),
        grades=grades,
        flags=flags,
        questions=_questions(missing, known, ruleset),
    )


def only_about(assessment: Assessment, fresh: frozenset[str]) -> Assessment:
    """Keep the grades and flags that rest on at least one of the fresh facts.

    Flags name a result by its fact (`alt_x_uln`), grades by its analyte (`lab:alt`); `fresh` holds
    both. TWO_AMBERS rests on what its flags rest on, so it stays as long as one of them does.
    """
    flags = tuple(flag for flag in assessment.flags if not fresh.isdisjoint(flag.inputs))
    return replace(
        assessment,
        tier=_highest(flags),
        irae=irae_of(flags, in_window=assessment.in_ici_window),
        grades=tuple(grade for grade in assessment.grades if not fresh.isdisjoint(grade.inputs)),
        flags=flags,
    )


def _highest(flags: Iterable[Flag]) -> str:
    return min((flag.tier for flag in flags), key=TIERS.index, default="none")


def _questions(
    missing: Iterable[tuple[str, tuple[str, ...]]], known: Facts, ruleset: Ruleset
) -> tuple[Question, ...]:
    """Collect what can be asked, each fact once, in the order in which it came up."""
    sources = {derivation.fact: derivation.of for derivation in ruleset.deductions.derivations}
    about: dict[str, list[str]] = {}
    for subject, names in missing:
        for name in names:
            # Nobody can be asked for a difference: ask for what it is made of.
            itself = name in ruleset.facts and ruleset.facts[name].question is not None
            for asked in (name,) if itself else sources.get(name, (name,)):
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
