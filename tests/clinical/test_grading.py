"""What a grade says beside its number: reason, inputs, what is missing, what is not asked."""

from decimal import Decimal

from backend.clinical.facts import Facts, LabValue, Value
from backend.clinical.grading import Grade, grade_facts
from backend.clinical.rules import derive_facts
from tests.clinical.ruleset import ruleset

D = Decimal


def graded(term: str, values: dict[str, Value], **labs: LabValue) -> Grade:
    facts = derive_facts(Facts(values, labs), ruleset())
    found = {grade.term: grade for grade in grade_facts(facts, ruleset())}
    return found[term]


def test_a_reason_holds_the_values_and_the_limit() -> None:
    found = graded("Alanine aminotransferase increased", {}, alt=LabValue(D(128), "U/L", uln=D(40)))
    assert found.reason == "grade 2: alt 128 U/L > 3 x ULN (120)"
    assert found.criterion == "More than 3, up to 5 times the upper limit"
    assert found.inputs == {"lab:alt": "128 U/L (ULN 40)"}
    assert found.rule_version == ruleset().gradings[found.rule].version
    assert (found.meddra_code, found.soc) == ("10001551", "Investigations")


def test_a_grade_0_says_what_speaks_for_it() -> None:
    found = graded("Alanine aminotransferase increased", {}, alt=LabValue(D(40), "U/L", uln=D(40)))
    assert found.reason == "grade 0: alt 40 U/L ≤ ULN (40)"
    found = graded("Diarrhea", {"stools_per_day": D(2), "baseline_stools_per_day": D(2)})
    assert found.reason == "grade 0: stools_over_baseline 0 ≤ 0"
    found = graded("Anemia", {}, haemoglobin=LabValue(D(140), "g/L", lln=D(120)))
    assert found.reason == "grade 0: haemoglobin 140 g/L ≥ LLN (120)"


def test_a_limit_that_is_missing_is_named_and_nothing_is_graded() -> None:
    found = graded("Alanine aminotransferase increased", {}, alt=LabValue(D(128), "U/L"))
    assert (found.grade, found.at_least, found.at_most) == (None, None, None)
    assert found.missing == ("lab:alt.uln",)
    assert found.reason == "cannot be graded: not known: lab:alt.uln"


def test_a_unit_without_a_column_is_named() -> None:
    found = graded("Anemia", {}, haemoglobin=LabValue(D(140), "G/cL", lln=D(140)))
    assert found.grade is None
    assert found.reason == "cannot be graded: no limits for haemoglobin in the unit 'G/cL'"
    assert "lab:haemoglobin.unit" in found.missing


def test_what_no_criterion_covers_is_not_grade_0() -> None:
    glucose = LabValue(D(10), "mmol/L", uln=D("7.8"), fasting=False)
    found = graded("Hyperglycemia", {}, glucose=glucose)
    assert found.grade is None
    assert found.reason == "cannot be graded: no criterion covers what is known"
    assert found.missing == ()


def test_fasting_that_was_not_stated_is_asked_for() -> None:
    found = graded("Hyperglycemia", {}, glucose=LabValue(D(10), "mmol/L", uln=D("7.8")))
    assert (found.grade, found.at_least, found.at_most) == (None, 0, 2)
    assert found.missing == ("glucose_fasting",)


def test_what_needs_more_than_the_number_says_both() -> None:
    found = graded(
        "Hypokalemia",
        {"hypokalemia__symptomatic": True},
        potassium=LabValue(D("3.2"), "mmol/L", lln=D("3.5")),
    )
    assert found.reason == "grade 2: potassium 3.2 mmol/L < LLN (3.5); hypokalemia__symptomatic"


def test_a_statement_without_a_result_is_enough() -> None:
    found = graded("Anemia", {"anemia__transfusion_indicated": True})
    assert (found.grade, found.at_most) == (3, 3)
    found = graded("Hypercalcemia", {"hypercalcemia__symptomatic": True})
    assert (found.grade, found.at_least, found.at_most) == (2, 2, 4)
    assert found.missing == ("lab:calcium_corrected", "lab:calcium_ionized")


def test_the_questions_that_would_settle_it_are_named() -> None:
    found = graded("Headache", {"headache_severity": D(1)})
    assert (found.grade, found.at_least, found.at_most) == (1, 1, 3)
    assert found.missing == (
        "headache__limits_self_care_adl",
        "headache__limits_instrumental_adl",
    )


def test_a_clinicians_silence_does_not_keep_a_grade_open() -> None:
    found = graded("Vomiting", {"vomiting_episodes_24h": D(2)})
    assert (found.grade, found.at_most, found.missing) == (1, 1, ())
    assert found.limits == "What is 'indicated' is stated by staff and not asked in the diary."


def test_a_diagnosis_is_not_made_by_a_number() -> None:
    lab = LabValue(D(300), "umol/L", uln=D(104), baseline=D(80))
    facts = derive_facts(Facts({}, {"creatinine": lab}), ruleset())
    assert [grade.term for grade in grade_facts(facts, ruleset())] == ["Creatinine increased"]
    stated: dict[str, Value] = {"acute_kidney_injury__present": True}
    assert graded("Acute kidney injury", stated, creatinine=lab).grade == 3


def test_what_is_only_on_record_asks_for_no_grade() -> None:
    facts = derive_facts(Facts({"baseline_weight_kg": D(70), "sex": "female"}), ruleset())
    assert grade_facts(facts, ruleset()) == ()


def test_two_results_of_one_term_the_worse_counts() -> None:
    found = graded(
        "Hypercalcemia",
        {"hypercalcemia__symptomatic": False},
        calcium_corrected=LabValue(D("2.95"), "mmol/L", uln=D("2.6")),
        calcium_ionized=LabValue(D("1.3"), "mmol/L", uln=D("1.32")),
    )
    assert found.grade == 2
    mixed = graded(
        "Hypercalcemia",
        {"hypercalcemia__symptomatic": False},
        calcium_corrected=LabValue(D("2.5"), "mmol/L", uln=D("2.6")),
        calcium_ionized=LabValue(D("6"), "mg/dL", uln=D("5")),
    )
    assert mixed.grade == 0
    assert mixed.at_most == 4
