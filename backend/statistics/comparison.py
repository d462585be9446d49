"""Two arms beside each other: the protocol's test for a rate, and how far apart the rates lie.

Every number is scipy's or statsmodels'; what is ours is which of the two tests is asked.
"""

import math
from dataclasses import dataclass

CHI_SQUARE, FISHER = "chi-square", "Fisher's exact"
# Below this expected count in any cell chi-square is not to be trusted (Cochran, Biometrics 1954;10:417).
LEAST_EXPECTED = 5
RULE = (
    "Pearson's chi-square without continuity correction where every expected count is at least "
    f"{LEAST_EXPECTED}, else Fisher's exact test, two-sided; no adjustment for multiplicity"
)
INTERVAL = (
    "difference of the rates (first arm minus second), 95 % interval by Newcombe's hybrid score"
)


@dataclass(frozen=True, slots=True)
class Rate:
    """Patients with an event, of all patients of an arm."""

    patients: int
    of: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The test that was chosen and why, its two-sided p, and the difference in percentage points.

    `p` None: there is nothing to test, because nobody or everybody had the event.
    """

    test: str | None
    why: str
    p: float | None
    difference: float
    low: float
    high: float


def compare(first: Rate, second: Rate) -> Comparison:
    """Compare the rates of two arms.

    Raises:
        ValueError: an arm without patients has no rate.
    """
    if not first.of or not second.of:
        message = "an arm without patients has no rate"
        raise ValueError(message)
    # Imported here: they bring pandas and take a second, which no other request is to pay.
    from statsmodels.stats.proportion import confint_proportions_2indep  # noqa: PLC0415

    low, high = confint_proportions_2indep(
        first.patients, first.of, second.patients, second.of, method="newcomb", compare="diff"
    )
    difference = first.patients / first.of - second.patients / second.of
    test, why, p = _tested(first, second)
    return Comparison(test, why, p, *(100 * float(each) for each in (difference, low, high)))


def _tested(first: Rate, second: Rate) -> tuple[str | None, str, float | None]:
    from scipy.stats import chi2_contingency, fisher_exact  # noqa: PLC0415
    from scipy.stats.contingency import expected_freq  # noqa: PLC0415

    events = first.patients + second.patients
    if events in (0, first.of + second.of):
        return None, "nobody had it" if not events else "everybody had it", None
    table = [[rate.patients, rate.of - rate.patients] for rate in (first, second)]
    smallest = float(expected_freq(table).min())
    # Rounded down, so that 4.96 is never printed as 5.
    shown = f"smallest expected count {math.floor(smallest * 10) / 10:g}"
    if smallest >= LEAST_EXPECTED:
        return CHI_SQUARE, shown, float(chi2_contingency(table, correction=False)[1])
    return FISHER, shown, float(fisher_exact(table)[1])
