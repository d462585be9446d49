"""Every CTCAE term that a PRO-CTCAE symptom stands for is graded from the diary, or asked about."""

from decimal import Decimal

import pytest

from backend.clinical.facts import Facts
from backend.clinical.grading import Grade, grade_facts
from backend.clinical.rules import derive_facts
from backend.clinical.symptoms import SymptomRule
from tests.clinical.ruleset import ruleset

WORST = {"presence": Decimal(1)}
PAIRS = [
    pytest.param(symptom, term.name, id=f"{symptom.id}-{term.name}")
    for symptom in ruleset().symptoms.values()
    for term in symptom.terms
]


def graded(symptom: SymptomRule, answers: dict[str, Decimal]) -> dict[str, Grade]:
    values = {f"{symptom.id}_{name}": answer for name, answer in answers.items()}
    grades = grade_facts(derive_facts(Facts(values), ruleset()), ruleset())
    return {grade.term: grade for grade in grades}


@pytest.mark.parametrize(("symptom", "term"), PAIRS)
def test_the_worst_answer_is_graded_or_asks_what_would_settle_it(
    symptom: SymptomRule, term: str
) -> None:
    answers = {name: WORST.get(name, Decimal(4)) for name in symptom.attributes}
    grade = graded(symptom, answers)[term]
    assert grade.at_most != 0
    settled = grade.at_least is not None and grade.at_least == grade.at_most
    assert settled != bool(grade.missing)
    assert all(name in ruleset().facts for name in grade.missing)


@pytest.mark.parametrize(("symptom", "term"), PAIRS)
def test_no_complaint_is_grade_0_or_asked_about(symptom: SymptomRule, term: str) -> None:
    grade = graded(symptom, dict.fromkeys(symptom.attributes, Decimal(0)))[term]
    # The two questions on periods stand for one term: neither says for the other that all is well.
    assert grade.grade == 0 or (grade.grade is None and grade.missing)


def test_all_terms_of_the_instrument_are_there() -> None:
    # 78 entries of the instrument's table, one of which names two terms.
    assert (
        len({term.name for symptom in ruleset().symptoms.values() for term in symptom.terms}) == 79
    )
