"""The protocol's test, held against published values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.statistics.comparison import CHI_SQUARE, FISHER, Rate, compare


def test_a_small_table_is_fishers_as_he_published_it() -> None:
    # The lady tasting tea (Fisher, The Design of Experiments, 1935): 17 of 70 tables, times two.
    found = compare(Rate(3, 4), Rate(1, 4))
    assert (found.test, found.why) == (FISHER, "smallest expected count 2")
    assert found.p == pytest.approx(34 / 70)


def test_a_large_table_is_pearsons_worked_by_hand() -> None:
    # Expected 15 in every cell: 4 x 25 / 15 = 6.667 on one degree of freedom.
    found = compare(Rate(10, 30), Rate(20, 30))
    assert (found.test, found.why) == (CHI_SQUARE, "smallest expected count 15")
    assert found.p == pytest.approx(0.009823, abs=1e-6)


def test_the_interval_is_newcombes() -> None:
    # Newcombe, Statistics in Medicine 1998;17:873, table II, method 10: 56/70 beside 48/80.
    found = compare(Rate(56, 70), Rate(48, 80))
    assert found.difference == pytest.approx(20)
    assert (round(found.low, 2), round(found.high, 2)) == (5.24, 33.39)


@pytest.mark.parametrize(
    ("first", "second", "test"),
    [((5, 10), (5, 10), CHI_SQUARE), ((5, 10), (4, 10), FISHER)],
)
def test_five_expected_is_enough(
    first: tuple[int, int], second: tuple[int, int], test: str
) -> None:
    assert compare(Rate(*first), Rate(*second)).test == test


@pytest.mark.parametrize(("patients", "why"), [(0, "nobody had it"), (10, "everybody had it")])
def test_where_there_is_nothing_to_test_no_p_is_made_up(patients: int, why: str) -> None:
    found = compare(Rate(patients, 10), Rate(patients, 10))
    assert (found.test, found.p, found.why) == (None, None, why)
    assert found.low < 0 < found.high


def test_an_empty_arm_has_no_rate() -> None:
    with pytest.raises(ValueError, match="without patients"):
        compare(Rate(0, 0), Rate(1, 2))


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_arms_may_change_places(first: int, second: int) -> None:
    one, two = Rate(first, 40), Rate(second, 40)
    there, back = compare(one, two), compare(two, one)
    assert there.p == pytest.approx(back.p)
    assert there.difference == pytest.approx(-back.difference)
    assert there.low == pytest.approx(-back.high)
