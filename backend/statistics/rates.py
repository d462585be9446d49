"""Exposure-adjusted incidence rates: patients with an event by the time they were at risk."""

from dataclasses import dataclass

DAYS_OF_YEAR = 365.25
PER_YEARS = 100
INTERVAL = (
    "95 % interval of a rate: exact Poisson (Garwood); of the ratio (first arm to second): score"
)
RULE = "rate ratio tested by the exact conditional test, two-sided; no adjustment for multiplicity"


@dataclass(frozen=True, slots=True)
class ExposureRate:
    """Patients with the event by 100 patient-years at risk; None where nobody was at risk."""

    patients: int
    patient_years: float
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class RateComparison:
    """The ratio of two rates with its interval; None where an arm had no event. `p` None: no event."""

    ratio: float | None
    low: float | None
    high: float | None
    p: float | None


def exposure_rate(patients: int, days: int) -> ExposureRate:
    """Give the rate of `patients` with an event over `days` at risk, all patients together."""
    from statsmodels.stats.rates import confint_poisson  # noqa: PLC0415 - brings pandas

    years = days / DAYS_OF_YEAR
    if not days:
        return ExposureRate(patients, years, None, None, None)
    low, high = confint_poisson(patients, years, method="exact-c")
    # The library's lower end of no event is not a number; the exact one is 0.
    least = 0.0 if not patients else float(low)
    return ExposureRate(
        patients, years, *(PER_YEARS * value for value in (patients / years, least, float(high)))
    )


def compare_rates(first: ExposureRate, second: ExposureRate) -> RateComparison | None:
    """Compare two rates; None where nobody of an arm was at risk."""
    import numpy as np  # noqa: PLC0415 - with statsmodels a second that no other request pays
    from statsmodels.stats.rates import (  # noqa: PLC0415
        confint_poisson_2indep,
        test_poisson_2indep,
    )

    if first.rate is None or second.rate is None:
        return None
    counted = (first.patients, first.patient_years, second.patients, second.patient_years)
    if not first.patients + second.patients:
        return RateComparison(None, None, None, None)
    with np.errstate(divide="ignore"):
        p = float(test_poisson_2indep(*counted, method="exact-cond").pvalue)
    if not first.patients or not second.patients:
        return RateComparison(None, None, None, p)
    low, high = confint_poisson_2indep(*counted, method="score", compare="ratio")
    return RateComparison(first.rate / second.rate, float(low), float(high), p)
