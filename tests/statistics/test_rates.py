"""Exposure-adjusted rates: exact Poisson limits as published, the comparison by hand."""

import pytest

from backend.statistics.rates import DAYS_OF_YEAR, compare_rates, exposure_rate

CENTURY = int(DAYS_OF_YEAR * 100)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # Garwood, Biometrika 1936;28:437: exact 95 % limits of a Poisson count.
    [(0, 0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390)],
)
def test_the_limits_of_a_count_are_the_published_ones(count: int, low: float, high: float) -> None:
    # In 100 years the rate per 100 years is the count itself.
    found = exposure_rate(count, CENTURY)
    assert found.rate == pytest.approx(count)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=6e-4))


def test_the_comparison_is_the_binomial_one_given_the_sum() -> None:
    # 9 of 10 events fell to the first arm in equal time: two-sided 2 x (10 + 1) / 2^10.
    found = compare_rates(exposure_rate(9, CENTURY), exposure_rate(1, CENTURY))
    assert found is not None
    assert found.ratio == pytest.approx(9)
    assert found.p == pytest.approx(2 * 11 / 1024)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 9 < found.high


def test_what_has_no_value_is_none() -> None:
    nobody = exposure_rate(0, 0)
    assert (nobody.rate, nobody.low, nobody.high) == (None, None, None)
    assert compare_rates(nobody, exposure_rate(1, CENTURY)) is None
    none = exposure_rate(0, CENTURY)
    both = compare_rates(none, none)
    assert both is not None
    assert (both.ratio, both.p) == (None, None)
    one = compare_rates(exposure_rate(3, CENTURY), none)
    assert one is not None
    # All three in one arm: 2 x (1/2)^3.
    assert (one.ratio, one.low, one.p) == (None, None, pytest.approx(0.25))
