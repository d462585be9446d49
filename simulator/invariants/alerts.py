"""Flags and alerts: recomputed from the stored assessments by the documented rule, not by our code.

The rule (docs and backend/clinical/alerting.py): a flag opens an alert where none of its cause is open;
it rings the open one again where it is worse, or where it is still there 72 hours after somebody took
it; else it is noted on it.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from simulator.invariants.evidence import Evidence, Stored
from simulator.invariants.findings import DOUBLED, LOST, Findings

TIERS = ("emergency", "urgent", "same_day", "routine")
TAKING = frozenset({"acknowledge", "act", "called", "not_reached", "snooze", "close"})
NOTING = ("raised", "repeat", "hold")
_NOT_BETTER = dt.timedelta(hours=72)

Flags = dict[tuple[str, str, str], str]


def check_alerts(evidence: Evidence, findings: Findings) -> None:
    """Check that each flag is on exactly one alert, and that each alert did what the rule says."""
    alerts = [one for one in evidence.stored["alerts"] if one.get("event_id") is None]
    flags = flags_of(evidence)
    noted = Counter(
        (str(alert["subject_id"]), str(alert["flag_id"]), str(assessment))
        for alert in alerts
        for assessment in alert["assessment_ids"]
    )
    findings.add(
        LOST, "each flag has its alert", len(flags), (key for key in flags if not noted[key])
    )
    findings.add(
        LOST,
        "each alert has the assessments that raised it",
        len(alerts),
        (key for key in noted if key not in flags),
    )
    findings.add(
        DOUBLED,
        "one alert per flag of an assessment",
        len(flags),
        (key for key, many in noted.items() if many > 1),
    )
    findings.add(
        LOST,
        "each alert was raised, rung again or held as the rule says",
        sum(len(alert["assessment_ids"]) for alert in alerts),
        (alert["_id"] for alert in alerts if not _follows_rule(alert, flags)),
    )
    findings.add(
        DOUBLED,
        "one open alert per cause at any moment",
        len(alerts),
        _overlapping(alerts),
    )
    findings.numbers["alerts"] = len(alerts)
    findings.numbers["flags"] = len(flags)


def flags_of(evidence: Evidence) -> Flags:
    """Give every flag of every assessment: subject, flag, assessment -> tier."""
    return {
        (str(one["subject_id"]), str(flag["id"]), str(one["_id"])): str(flag["tier"])
        for one in evidence.stored["assessments"]
        for flag in one.get("flags", ())
    }


def tiers_of(alert: Stored, flags: Flags) -> Iterator[tuple[Stored, str]]:
    """Give the alert's steps, each with the tier that the alert had from then on."""
    key = (str(alert["subject_id"]), str(alert["flag_id"]))
    sources = iter(alert["assessment_ids"])
    tier = ""
    for step in alert["steps"]:
        if step["step"] in NOTING:
            found = flags.get((*key, str(next(sources, ""))), tier)
            tier = tier if step["step"] == "hold" else found
        yield step, tier


def _follows_rule(alert: Stored, flags: Flags) -> bool:
    tier, taken = "", None
    sources = iter(alert["assessment_ids"])
    for step in alert["steps"]:
        if step["step"] in TAKING:
            taken = taken or step["at"]
        elif step["step"] in ("hand_over", "snooze_over"):
            taken = None
        elif step["step"] in NOTING:
            found = flags.get(
                (str(alert["subject_id"]), str(alert["flag_id"]), str(next(sources, "")))
            )
            if found is None or step["step"] != _expected(found, tier, taken, step["at"]):
                return False
            if step["step"] != "hold":
                tier, taken = found, None
    return next(sources, None) is None and bool(tier == alert["tier"])


def _expected(found: str, tier: str, taken: dt.datetime | None, at: dt.datetime) -> str:
    if not tier:
        return "raised"
    worse = TIERS.index(found) < TIERS.index(tier)
    lasts = taken is not None and at - taken >= _NOT_BETTER
    return "repeat" if worse or lasts else "hold"


def _overlapping(alerts: list[Stored]) -> Iterator[str]:
    by_cause: defaultdict[tuple[str, str], list[Stored]] = defaultdict(list)
    for alert in alerts:
        by_cause[alert["subject_id"], alert["flag_id"]].append(alert)
    for same in by_cause.values():
        same.sort(key=lambda alert: alert["raised_at"])
        for before, after in pairwise(same):
            closed = [step["at"] for step in before["steps"] if step["step"] == "close"]
            if not closed or closed[-1] > after["raised_at"]:
                yield str(after["_id"])
