"""Time to the first event: Kaplan-Meier, cumulative incidence with competing death, log-rank."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

CENSORED, EVENT, COMPETING = 0, 1, 2
METHOD = (
    "event-free: Kaplan-Meier with 95 % log-log interval (death censors); incidence: cumulative, with "
    "death without the event as competing risk (Aalen-Johansen); arms: log-rank, two-sided"
)


@dataclass(frozen=True, slots=True)
class Observed:
    """One patient: days from the first dose (1: that day) to the event, death or the last day at risk."""

    day: int
    status: int


@dataclass(frozen=True, slots=True)
class Step:
    """What changes on a day: at risk before it, events on it, then the shares of 1."""

    day: int
    at_risk: int
    events: int
    free: float
    low: float | None
    high: float | None
    incidence: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The time to the event of some patients; `median` None: not reached."""

    patients: int
    events: int
    competing: int
    censored: int
    median: int | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class LogRank:
    """The log-rank test of two or more groups."""

    chi_square: float
    p: float


def time_to_event(observed: Sequence[Observed]) -> Curve:
    """Give the curve of some patients; without patients or events it has no step."""
    status = [one.status for one in observed]
    counts = {kind: status.count(kind) for kind in (CENSORED, EVENT, COMPETING)}
    steps = _steps(observed) if counts[EVENT] else ()
    reached = [step.day for step in steps if step.free <= 1 / 2]
    return Curve(
        patients=len(observed),
        events=counts[EVENT],
        competing=counts[COMPETING],
        censored=counts[CENSORED],
        median=min(reached, default=None),
        steps=steps,
    )


def log_rank(groups: Sequence[Sequence[Observed]]) -> LogRank | None:
    """Test whether the groups differ; None where a group is empty or nobody had the event."""
    from statsmodels.duration.survfunc import survdiff  # noqa: PLC0415 - brings pandas

    everybody = [(number, one) for number, group in enumerate(groups) for one in group]
    had = any(one.status == EVENT for _, one in everybody)
    if not had or not all(groups) or len(groups) < 2:  # noqa: PLR2004 - one group has none to differ from
        return None
    import numpy as np  # noqa: PLC0415

    chi_square, p = survdiff(
        np.array([one.day for _, one in everybody]),
        np.array([int(one.status == EVENT) for _, one in everybody]),
        np.array([number for number, _ in everybody]),
    )
    return LogRank(float(chi_square), float(p))


def _steps(observed: Sequence[Observed]) -> tuple[Step, ...]:
    import numpy as np  # noqa: PLC0415 - with what follows: a second that no other request pays
    from scipy.stats import CensoredData, ecdf  # noqa: PLC0415
    from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight  # noqa: PLC0415

    days = np.array([one.day for one in observed])
    status = np.array([one.status for one in observed])
    had = status == EVENT
    curve = SurvfuncRight(days, had.astype(int))
    data = CensoredData(uncensored=days[had], right=days[~had])
    free = ecdf(data).sf
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # It warns that log-log has no value once nobody is left; there the step says None.
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = free.confidence_interval(0.95, method="log-log")
    with np.errstate(divide="ignore", invalid="ignore"):
        competing = CumIncidenceRight(days, status)
    incidence = dict(zip(competing.times, competing.cinc[0], strict=True))
    return tuple(
        Step(
            day=int(day),
            at_risk=int(at_risk),
            events=int(events),
            free=float(share),
            low=_known(float(interval.low.evaluate(day))),
            high=_known(float(interval.high.evaluate(day))),
            incidence=float(incidence[day]),
        )
        for day, at_risk, events, share in zip(
            curve.surv_times, curve.n_risk, curve.n_events, curve.surv_prob, strict=True
        )
    )


def _known(value: float) -> float | None:
    """Give None where the interval does not exist: once nobody is left, log-log has no value."""
    return None if value != value else value  # noqa: PLR0124 - not a number is the one that differs
