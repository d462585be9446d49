"""Two arms within strata, against the published multi-centre trial and one worked by hand."""

import pytest

from backend.statistics.comparison import Rate
from backend.statistics.strata import compare_in_strata

# Agresti, Categorical Data Analysis, 2nd ed. 2002, table 6.9: cure by cream or control in 8 centres.
CENTRES = [
    ((11, 36), (10, 37)),
    ((16, 20), (22, 32)),
    ((14, 19), (7, 19)),
    ((2, 16), (1, 17)),
    ((6, 17), (0, 12)),
    ((1, 11), (0, 10)),
    ((1, 5), (1, 9)),
    ((4, 6), (6, 7)),
]


def rates(*strata: tuple[tuple[int, int], tuple[int, int]]) -> list[tuple[Rate, Rate]]:
    return [(Rate(*first), Rate(*second)) for first, second in strata]


def test_the_published_trial() -> None:
    found = compare_in_strata(rates(*CENTRES))
    assert found is not None
    # Section 6.3.2: CMH = 6.38, p = 0.012; common odds ratio 2.13 with 95 % interval (1.18, 3.87).
    assert found.statistic == pytest.approx(6.38, abs=5e-3)
    assert found.p == pytest.approx(0.012, abs=5e-4)
    assert found.odds_ratio == pytest.approx(2.13, abs=5e-3)
    assert (found.low, found.high) == pytest.approx((1.18, 3.87), abs=5e-3)
    assert found.strata_used == 8
    assert found.homogeneity_p is not None


def test_one_stratum_by_hand() -> None:
    # 2 of 2 beside 0 of 2: expected 1, variance 2*2*2*2 / (4*4*3) = 1/3, so (2 - 1)^2 / (1/3) = 3.
    found = compare_in_strata(rates(((2, 2), (0, 2))))
    assert found is not None
    assert found.statistic == pytest.approx(3)
    assert (found.odds_ratio, found.low, found.homogeneity_p) == (None, None, None)


def test_a_stratum_that_tells_nothing_is_left_out_and_counted_so() -> None:
    telling = ((3, 6), (1, 6))
    alone = compare_in_strata(rates(telling))
    found = compare_in_strata(rates(telling, ((0, 4), (0, 5)), ((4, 4), (5, 5)), ((1, 2), (0, 0))))
    assert found == alone
    assert alone is not None
    assert alone.strata_used == 1
    assert compare_in_strata(rates(((0, 4), (0, 5)))) is None
    assert compare_in_strata([]) is None
