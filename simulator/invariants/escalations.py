"""Every alert has an answer or goes on to the next person, at the time that the study's policy names."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.invariants.alerts import TAKING, Flags, flags_of, tiers_of
from simulator.invariants.evidence import Evidence, Policy, Stored
from simulator.invariants.findings import LATE, LOST, Findings

# A step that comes later than this, in seconds in which nothing stood in the way, is late; it is looked
# for every second.
LATE_SECONDS = 15.0
# One that has not come at all after so long is lost, whatever stood in the way: a killed process may hold
# its patient's lock for a minute (ADR 4), and then it takes some seconds.
LOST_SECONDS = 100.0
# Between two steps somebody must have the time to reach for the phone (services/escalation.py).
_SHORTEST = dt.timedelta(minutes=1)
# A routine alert is told of once a day; by then at the latest.
_DIGEST_WITHIN = dt.timedelta(hours=30)
_RINGING = ("raised", "repeat")


@dataclass(slots=True)
class _Followed:
    """What was found on the way through the alerts."""

    periods: int = 0
    taken: int = 0
    answered_first: int = 0
    waits: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Period:
    """One time of ringing, until somebody took it, it rang anew, or the end."""

    alert_id: str
    tier: str
    rung: dt.datetime
    steps: tuple[dt.datetime, ...]
    ended: dt.datetime
    answered: bool


def check_escalations(evidence: Evidence, findings: Findings) -> None:
    """Check each time that an alert rang."""
    flags = flags_of(evidence)
    followed = _Followed()
    alerts = [one for one in evidence.stored["alerts"] if one.get("event_id") is None]
    for alert in alerts:
        for period in periods_of(alert, flags, evidence.now):
            _follow(period, evidence.policies[period.tier], evidence, followed)
    findings.add(
        LOST,
        "each alert was answered or went on to the next person",
        followed.periods,
        followed.lost,
    )
    findings.add(LOST, "no alert went on before its time", followed.taken, followed.early)
    findings.add(
        LATE,
        f"each step of escalation within {LATE_SECONDS:g} s, kills apart",
        followed.taken,
        followed.late,
    )
    findings.add(
        LOST,
        "each routine alert that waited was told of in a digest",
        sum(alert["tier"] == "routine" for alert in alerts),
        _untold(evidence, alerts),
    )
    findings.numbers["times that an alert rang"] = followed.periods
    findings.numbers["answered before the first step was due"] = followed.answered_first
    findings.numbers["steps of escalation"] = followed.taken
    for name, value in _quantiles(followed.waits).items():
        findings.numbers[f"escalation after it was due, s, {name}"] = value


def periods_of(alert: Stored, flags: Flags, now: dt.datetime) -> Iterator[Period]:
    """Give the times of ringing of an alert, oldest first."""
    open_: tuple[dt.datetime, str] | None = None
    steps: list[dt.datetime] = []

    def ended(at: dt.datetime, *, answered: bool) -> Period | None:
        if open_ is None:
            return None
        return Period(str(alert["_id"]), open_[1], open_[0], tuple(steps), at, answered)

    for step, tier in tiers_of(alert, flags):
        period = None
        if step["step"] in _RINGING:
            period = ended(step["at"], answered=False)
            open_, steps = (step["at"], tier or str(alert["tier"])), []
        elif step["step"] in TAKING:
            period = ended(step["at"], answered=True)
            open_ = None
        elif step["step"] == "escalated":
            steps.append(step["at"])
        if period is not None:
            yield period
    last = ended(now, answered=False)
    if last is not None:
        yield last


def _follow(period: Period, policy: Policy, evidence: Evidence, followed: _Followed) -> None:
    followed.periods += 1
    due = policy.due(1, period.rung)
    if period.answered and not period.steps and (due is None or period.ended < due):
        followed.answered_first += 1
    for taken, at in enumerate(period.steps, start=2):
        followed.taken += 1
        if due is None or at < due:
            followed.early.append(period.alert_id)
        else:
            wait = evidence.wall_of(at) - evidence.wall_of(due)
            followed.waits.append(wait)
            if evidence.calm(due, at) > LATE_SECONDS:
                followed.late.append(period.alert_id)
        following = policy.due(taken, period.rung)
        due = None if following is None else max(following, at + _SHORTEST)
    if due is not None and due < period.ended:
        wait = evidence.wall_of(period.ended) - evidence.wall_of(due)
        if wait > LOST_SECONDS:
            followed.lost.append(period.alert_id)
        elif evidence.calm(due, period.ended) > LATE_SECONDS:
            followed.late.append(period.alert_id)


def _untold(evidence: Evidence, alerts: list[Stored]) -> Iterator[str]:
    site = {alert["_id"]: alert["site"] for alert in alerts}
    told = [
        (site.get(entry["alert_id"]), entry["created_at"])
        for entry in evidence.stored["outbox"]
        if entry["message"]["kind"] == "alert_digest"
    ]
    for alert in alerts:
        if alert["tier"] != "routine":
            continue
        raised = alert["raised_at"]
        answers = [step["at"] for step in alert["steps"] if step["step"] in TAKING]
        until = min(answers, default=evidence.now)
        if until - raised < _DIGEST_WITHIN:
            continue
        if not any(
            where == alert["site"] and raised <= at <= raised + _DIGEST_WITHIN for where, at in told
        ):
            yield str(alert["_id"])


def _quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {}
    return {
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        "most": ordered[-1],
    }
