"""PRO-CTCAE answers to their composite for `flask clinical grade`: a score beside the CTCAE term."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from backend.cli.vocabulary_grade import UnreadableLineError
from backend.clinical.facts import Facts, Value, fault_of
from backend.clinical.rules import Ruleset, derive_facts
from backend.clinical.scoring import Score, score_symptoms
from backend.clinical.symptoms import SymptomRule
from backend.clinical.units import fold

RULE = "pro-composite"


def composite_grades(words: Mapping[str, object], ruleset: Ruleset) -> list[Mapping[str, Any]]:
    """Return the composite of one symptom under each CTCAE term that it maps to.

    Raises:
        UnreadableLineError: an unknown symptom, an attribute that it does not have, an answer out of
            range.
    """
    symptom = _symptom(str(words.get("pro_ctcae_symptom", "")), ruleset)
    answers: dict[str, Value] = {}
    for attribute, answer in words.items():
        if attribute != "pro_ctcae_symptom" and answer is not None:
            name = f"{symptom.id}_{attribute}"
            declared = ruleset.facts.get(name)
            fault = "not asked for this symptom" if not declared else fault_of(declared, answer)
            if fault or not isinstance(answer, Decimal) or answer % 1:
                message = f"{attribute}: {fault or 'a whole number is expected'}"
                raise UnreadableLineError(message)
            answers[name] = answer
    known = derive_facts(Facts(answers), ruleset)
    scores = score_symptoms(known, {symptom.id: symptom}, ruleset.composites)
    score = scores[0] if scores else Score(symptom.id, {}, None)
    return [_written(term.name, score, ruleset) for term in symptom.terms]


def _symptom(name: str, ruleset: Ruleset) -> SymptomRule:
    wanted = fold(name)
    for symptom in ruleset.symptoms.values():
        if wanted in (fold(symptom.pro_ctcae), fold(symptom.id)):
            return symptom
    message = f"pro_ctcae_symptom: {name!r} is not known"
    raise UnreadableLineError(message)


def _written(term: str, score: Score, ruleset: Ruleset) -> Mapping[str, Any]:
    answers = ", ".join(f"{name} {answer}" for name, answer in score.answers.items())
    settled = score.composite is not None
    verdict = score.composite if settled else "none: an answer is missing, or none is published"
    return {
        "term": term,
        "grade": score.composite,
        "at_least": score.composite,
        "at_most": score.composite,
        "reason": f"PRO-CTCAE composite (0 to 3, no CTCAE grade) of {answers or 'nothing'}: {verdict}",
        "missing": [],
        "rule": RULE,
        "rule_version": ruleset.version,
    }
