"""What must hold for every rule whatever the facts: no grade that does not exist, and monotony."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.clinical.facts import FactDeclaration, Facts, LabValue, Value
from backend.clinical.grading import Grade, grade_facts, grade_term
from backend.clinical.gradingrules import ANY_UNIT, Column, GradingRule
from tests.clinical.ruleset import ruleset

RULES = ruleset().gradings
NUMBERS = st.decimals("0", "2000", places=2, allow_nan=False)
MAYBE = st.none() | NUMBERS


def a_value(declared: FactDeclaration) -> st.SearchStrategy[Value]:
    if declared.type == "boolean":
        return st.booleans()
    if declared.type == "choice":
        return st.sampled_from(declared.choices)
    low = declared.minimum if declared.minimum is not None else Decimal(-100)
    high = declared.maximum if declared.maximum is not None else Decimal(1000)
    return st.decimals(low, high, places=1, allow_nan=False)


def a_unit(rule: GradingRule, analyte: str) -> st.SearchStrategy[str]:
    units = [column.unit for column in rule.columns if column.analyte == analyte]
    return st.sampled_from(["furlong", *("U/L" if unit == ANY_UNIT else unit for unit in units)])


@st.composite
def a_case(draw: st.DrawFn) -> tuple[GradingRule, Facts]:
    """Draw a rule, and facts about some of what it reads."""
    rule = RULES[draw(st.sampled_from(sorted(RULES)))]
    names = draw(st.lists(st.sampled_from(sorted(rule.reads)), unique=True)) if rule.reads else []
    values = {name: draw(a_value(ruleset().facts[name])) for name in names}
    analytes = sorted(rule.analytes)
    labs = {
        analyte: LabValue(
            draw(NUMBERS),
            draw(a_unit(rule, analyte)),
            draw(MAYBE),
            draw(MAYBE),
            draw(MAYBE),
            decision_limit=draw(MAYBE),
        )
        for analyte in (draw(st.lists(st.sampled_from(analytes), unique=True)) if analytes else [])
    }
    return rule, Facts(values, labs)


def graded(rule: GradingRule, facts: Facts) -> Grade:
    return grade_term(rule, facts, ruleset())


@given(a_case())
@settings(max_examples=400, deadline=None)
def test_a_grade_exists_for_its_term_and_is_never_death(case: tuple[GradingRule, Facts]) -> None:
    rule, facts = case
    found = graded(rule, facts)
    for grade in (found.grade, found.at_least, found.at_most):
        assert grade in (None, 0, *rule.term.grades)
        assert grade != 5
    assert found.rule_version == rule.version
    assert found.reason


@given(a_case())
@settings(max_examples=400, deadline=None)
def test_the_bounds_hold_the_grade(case: tuple[GradingRule, Facts]) -> None:
    found = graded(*case)
    if found.at_least is not None and found.at_most is not None:
        assert found.at_least <= found.at_most
        assert found.grade in (None, found.at_least)
        if found.at_most > found.at_least:
            assert found.missing
    else:
        assert found.grade is None


@given(a_case(), st.data())
@settings(max_examples=400, deadline=None)
def test_forgetting_a_fact_never_raises_what_is_certain(
    case: tuple[GradingRule, Facts], data: st.DataObject
) -> None:
    rule, facts = case
    before = graded(rule, facts)
    names = sorted(name for name in facts.values if not _chooses_limits(rule, name))
    if names:
        gone = data.draw(st.sampled_from(names))
        rest = {name: value for name, value in facts.values.items() if name != gone}
        after = graded(rule, Facts(rest, facts.labs))
        assert (after.at_least or 0) <= (before.at_least or 0)
        if before.grade is not None and not _said_only_where_true(gone):
            # What was certain before stays possible, unless only "yes" is ever said.
            assert (
                after.at_most is None or _open(rule, gone, after) or after.at_most >= before.grade
            )


def _chooses_limits(rule: GradingRule, name: str) -> bool:
    """Say whether the fact chooses a column: unsaid it counts as no, and other limits hold.

    A patient on an anticoagulant is graded by the own baseline; where that is not said, by the upper
    limit, which may give a higher grade or a lower one (ctcae-4.03/inr_increased.toml, `decision`).
    """
    return any(column.when is not None and name in column.when.reads() for column in rule.columns)


def _said_only_where_true(name: str) -> bool:
    return ruleset().facts[name].stated


def _open(rule: GradingRule, gone: str, after: Grade) -> bool:
    """Say whether absence is claimed without this fact on purpose: by `absent` or a normal result.

    Where the problem is absent, what it would do to the patient need not be known, but for the facts
    that the rule names (`open`).
    """
    return after.grade == 0 and gone not in rule.open


@given(a_case(), NUMBERS)
@settings(max_examples=400, deadline=None)
def test_a_worse_number_never_lowers_the_grade(
    case: tuple[GradingRule, Facts], more: Decimal
) -> None:
    rule, facts = case
    for name, lab in facts.labs.items():
        columns = [column for column in rule.columns if column.analyte == name]
        if len({_falls(column) for column in columns}) != 1:
            continue
        falls = _falls(columns[0])
        value = lab.value - more if falls else lab.value + more
        worse = LabValue(
            value, lab.unit, lab.lln, lab.uln, lab.baseline, decision_limit=lab.decision_limit
        )
        after = graded(rule, Facts(facts.values, {**facts.labs, name: worse}))
        before = graded(rule, facts)
        assert (after.at_least or 0) >= (before.at_least or 0)


def _falls(column: Column) -> bool:
    reached = (limit for grade, limits in column.limits.items() if grade for limit in limits)
    return all(limit.op in ("<", "<=") for limit in reached)


ONE_WAY = [
    ("stools_over_baseline", "diarrhea"),
    ("temperature_c", "fever"),
    ("sbp_mmhg", "hypertension"),
    ("rash_bsa_percent", "rash_maculo_papular"),
    ("headache_severity", "headache"),
    ("hand_foot_severity", "palmar_plantar_erythrodysesthesia_syndrome"),
    ("vomiting_episodes_24h", "vomiting"),
    ("qtc_ms", "electrocardiogram_qt_corrected_interval_prolonged"),
    ("urine_protein_g_24h", "proteinuria"),
    ("weight_loss_percent", "weight_loss"),
]


@pytest.mark.parametrize(("name", "rule_id"), ONE_WAY)
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_more_of_a_symptom_never_lowers_the_grade(
    name: str, rule_id: str, data: st.DataObject
) -> None:
    values = a_value(ruleset().facts[name])
    low, high = sorted(Decimal(str(data.draw(values))) for _ in range(2))
    rule = RULES[rule_id]
    before, after = (graded(rule, Facts({name: value})) for value in (low, high))
    assert (after.at_least or 0) >= (before.at_least or 0)


@given(a_case())
@settings(max_examples=100, deadline=None)
def test_all_terms_together_grade_as_each_alone(case: tuple[GradingRule, Facts]) -> None:
    rule, facts = case
    found = {grade.rule: grade for grade in grade_facts(facts, ruleset())}
    if rule.id in found:
        assert found[rule.id] == graded(rule, facts)
    worth = [name for name in facts.values if ruleset().facts[name].asked != "record"]
    asked = rule.given is None or rule.given.truth(facts.values)
    assert (rule.id in found) == bool((worth or facts.labs) and asked)
