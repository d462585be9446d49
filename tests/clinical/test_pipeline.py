"""From facts to an assessment: one pure function, and the questions that it leaves."""

from decimal import Decimal

from backend.clinical.facts import Facts
from backend.clinical.pipeline import Question, assess
from tests.clinical.ruleset import ruleset

D = Decimal


def questions(facts: Facts) -> dict[str, Question]:
    return {question.fact: question for question in assess(facts, ruleset()).questions}


def test_an_empty_diary_means_nothing() -> None:
    found = assess(Facts(), ruleset())
    assert (found.scores, found.grades, found.questions) == ((), (), ())
    assert found.ruleset_version == ruleset().version


def test_the_same_facts_mean_the_same() -> None:
    facts = Facts({"headache_severity": D(2), "temperature_c": D("38.4")})
    assert assess(facts, ruleset()) == assess(facts, ruleset())


def test_score_and_grade_stay_two_things() -> None:
    found = assess(Facts({"fatigue_severity": D(4), "fatigue_interference": D(4)}), ruleset())
    assert [(score.symptom, score.composite) for score in found.scores] == [("fatigue", 3)]
    assert [(grade.term, grade.grade) for grade in found.grades] == [("Fatigue", 1)]


def test_what_is_open_is_asked_in_our_own_words() -> None:
    asked = questions(Facts({"headache_severity": D(1)}))
    question = asked["headache__limits_self_care_adl"]
    assert question.about == ("Headache",)
    assert question.asked == "patient"
    assert "Headache" in question.text["en"]
    assert set(question.text) == {"en", "zh"}


def test_nobody_is_asked_for_a_difference() -> None:
    asked = questions(Facts({"stools_per_day": D(5)}))
    assert "baseline_stools_per_day" in asked
    assert "stools_over_baseline" not in asked
    assert "stools_per_day" not in asked


def test_one_question_serves_all_that_it_would_settle() -> None:
    asked = questions(Facts({"diarrhea_frequency": D(3)}))
    assert asked["stools_per_day"].about == ("Diarrhea",)
    assert asked["incontinence_new"].type == "boolean"
