"""Scores over time, by values worked by hand and by what must hold for every curve."""

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backend.clinical.longitudinal import (
    Areas,
    Incidence,
    areas,
    cumulative_incidence,
    mean_curve,
    summarise,
)

THREE = Decimal(3)


def test_a_course_is_summarised_against_its_baseline() -> None:
    found = summarise(
        Decimal(1), [(7, Decimal(2)), (14, Decimal(4)), (21, Decimal(0))], threshold=THREE
    )
    assert (found.worst, found.adjusted) == (4, 4)
    assert (found.change_worst, found.change_latest) == (3, -1)
    assert (found.reached, found.observed) == (14, 3)
    # Above 1: 7 x 1/2 + 7 x (1 + 3)/2, then from 3 above to 1 below: crossing after 5.25 days.
    assert found.areas == Areas(Decimal("3.5") + Decimal(14) + Decimal("7.875"), Decimal("-0.875"))


def test_a_worst_that_is_no_worse_than_the_baseline_counts_as_nothing() -> None:
    found = summarise(THREE, [(7, THREE), (14, Decimal(1))], threshold=THREE)
    assert (found.worst, found.adjusted, found.change_worst, found.reached) == (3, 0, 0, None)
    assert found.areas == Areas(Decimal(0), Decimal(-7))


def test_without_a_baseline_there_is_a_worst_and_nothing_else() -> None:
    found = summarise(None, [(7, Decimal(4))], threshold=THREE)
    assert found.worst == 4
    assert (found.adjusted, found.change_worst, found.change_latest) == (None, None, None)
    assert (found.reached, found.areas) == (None, None)


def test_without_a_later_score_there_is_a_baseline_and_nothing_else() -> None:
    found = summarise(Decimal(1), [], threshold=THREE)
    assert (found.baseline, found.observed, found.worst, found.adjusted) == (1, 0, None, None)
    assert (found.change_latest, found.areas) == (None, None)


def test_the_mean_at_a_time_is_of_those_who_answered_then() -> None:
    people = [{0: Decimal(0), 1: Decimal(2)}, {0: Decimal(1), 2: Decimal(4)}, {1: Decimal(3)}]
    assert mean_curve(people) == [(0, Decimal("0.5")), (1, Decimal("2.5")), (2, Decimal(4))]
    assert mean_curve([]) == []


def test_who_has_reached_it_stays_counted_and_who_left_is_followed_no_more() -> None:
    people = [
        (Decimal(0), [(1, Decimal(1)), (2, Decimal(3)), (5, Decimal(0))]),
        (Decimal(0), [(1, Decimal(1)), (3, Decimal(2))]),
        (THREE, [(4, THREE)]),
        (Decimal(0), []),
    ]
    found = cumulative_incidence(people, THREE)
    assert found == [
        Incidence(2, 1, 3, 3),
        Incidence(3, 1, 3, 3),
        Incidence(4, 1, 2, 3),
        Incidence(5, 1, 1, 3),
    ]
    assert found[0].proportion == Decimal(1) / Decimal(3)


SCORES = st.integers(0, 4).map(Decimal)
CURVES = st.lists(SCORES, min_size=1, max_size=12).map(lambda values: list(enumerate(values)))


@given(CURVES)
def test_the_two_areas_make_the_signed_one(curve: list[tuple[int, Decimal]]) -> None:
    found = areas(curve)
    assert found.worsening >= 0 >= found.improvement
    base = curve[0][1]
    values = [value - base for _, value in curve]
    signed = sum((Decimal(left + right) / 2 for left, right in pairwise(values)), Decimal(0))
    assert abs(found.worsening + found.improvement - signed) < Decimal("1e-20")


@given(CURVES, st.integers(1, 9))
def test_time_stretches_the_areas(curve: list[tuple[int, Decimal]], times: int) -> None:
    wide = areas([(time * times, value) for time, value in curve])
    once = areas(curve)
    assert abs(wide.worsening - once.worsening * times) < Decimal("1e-20")
    assert abs(wide.improvement - once.improvement * times) < Decimal("1e-20")


@given(SCORES, st.lists(SCORES, max_size=10), SCORES)
def test_reached_and_adjusted_worst_agree(
    baseline: Decimal, values: list[Decimal], threshold: Decimal
) -> None:
    found = summarise(baseline, list(enumerate(values, start=1)), threshold=threshold)
    if found.reached is not None:
        assert found.adjusted is not None
        assert found.adjusted >= threshold
    elif found.adjusted:
        assert found.adjusted < threshold
