"""Two arms within strata: Cochran-Mantel-Haenszel, the common odds ratio, and whether strata agree."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.statistics.comparison import Rate

METHOD = (
    "Cochran-Mantel-Haenszel without continuity correction, two-sided; Mantel-Haenszel common odds ratio "
    "(first arm to second) with 95 % interval (Robins-Breslow-Greenland); homogeneity: Breslow-Day with "
    "Tarone's adjustment; strata in which nobody or everybody had the event tell nothing and are left out"
)


@dataclass(frozen=True, slots=True)
class Stratified:
    """The test over all strata; None where the strata leave a number without a value."""

    strata_used: int
    statistic: float
    p: float
    odds_ratio: float | None
    low: float | None
    high: float | None
    homogeneity_p: float | None


def compare_in_strata(strata: Sequence[tuple[Rate, Rate]]) -> Stratified | None:
    """Compare two arms over strata; None where no stratum tells anything.

    A stratum counts where both arms have patients and some, not all, had the event.
    """
    import numpy as np  # noqa: PLC0415 - with statsmodels a second that no other request pays
    from statsmodels.stats.contingency_tables import StratifiedTable  # noqa: PLC0415

    telling = [
        [[rate.patients, rate.of - rate.patients] for rate in pair]
        for pair in strata
        if all(rate.of for rate in pair)
        and 0 < sum(rate.patients for rate in pair) < sum(rate.of for rate in pair)
    ]
    if not telling:
        return None
    # Without zero counts moved up: the test and the pooled ratio stand them, and counts stay counts.
    with np.errstate(divide="ignore", invalid="ignore"):
        table = StratifiedTable([np.array(counts, dtype=float) for counts in telling])
        test = table.test_null_odds(correction=False)
        pooled = float(table.oddsratio_pooled)
        low, high = (float(end) for end in table.oddsratio_pooled_confint())
        homogeneity = _homogeneity(table) if len(telling) > 1 and 0 < pooled < np.inf else None
    certain = 0 < pooled < np.inf
    return Stratified(
        strata_used=len(telling),
        statistic=float(test.statistic),
        p=float(test.pvalue),
        odds_ratio=pooled if certain else None,
        low=low if certain else None,
        high=high if certain else None,
        homogeneity_p=homogeneity,
    )


def _homogeneity(table: object) -> float | None:
    found = float(table.test_equal_odds(adjust=True).pvalue)  # type: ignore[attr-defined] # untyped
    return None if found != found else found  # noqa: PLR0124 - not a number is the one that differs
