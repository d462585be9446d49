"""Flags to alerts: what rings, what rings again, what is held; and how a person answers. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from backend.clinical.document import RuleError, Table
from backend.clinical.flagrules import TIERS
from backend.errors import Fault, InvalidInput, InvalidTransition

RAISE, REPEAT, HOLD = "raise", "repeat", "hold"
NEW, ACKNOWLEDGED, ACTED, CLOSED = "new", "acknowledged", "acted", "closed"

# Not better this long after somebody took it on: it rings again (P, safety rules section 7).
NOT_BETTER_AFTER = dt.timedelta(hours=72)

# What may follow what. Acknowledging twice is no error of anybody's, but it is no step either.
_STEPS: Mapping[tuple[str, str], str] = {
    (NEW, "acknowledge"): ACKNOWLEDGED,
    (NEW, "act"): ACTED,
    (NEW, "close"): CLOSED,
    (ACKNOWLEDGED, "act"): ACTED,
    (ACKNOWLEDGED, "close"): CLOSED,
    (ACTED, "act"): ACTED,
    (ACTED, "close"): CLOSED,
    # The patient was called and said something, or nobody picked up: then it is still to be done.
    (NEW, "called"): ACTED,
    (ACKNOWLEDGED, "called"): ACTED,
    (ACTED, "called"): ACTED,
    (NEW, "not_reached"): ACKNOWLEDGED,
    (ACKNOWLEDGED, "not_reached"): ACKNOWLEDGED,
    (ACTED, "not_reached"): ACTED,
    (NEW, "snooze"): ACKNOWLEDGED,
    (ACKNOWLEDGED, "snooze"): ACKNOWLEDGED,
    (ACTED, "snooze"): ACTED,
    # Handed over, it is nobody's until the other one takes it.
    (NEW, "hand_over"): NEW,
    (ACKNOWLEDGED, "hand_over"): NEW,
    (ACTED, "hand_over"): NEW,
    (NEW, "comment"): NEW,
    (ACKNOWLEDGED, "comment"): ACKNOWLEDGED,
    (ACTED, "comment"): ACTED,
}
# Whether ringing was worth it can be said at any time, also when it is over.
_MARKS = ("useful", "not_useful")
STEPS = (*dict.fromkeys(step for _, step in _STEPS), *_MARKS)
# These take the alert: somebody has it from then on.
TAKING = ("acknowledge", "act", "called", "not_reached", "snooze", "close")
# Doing something, and being done, must say what and why; a call, what was said.
_WITH_NOTE = ("act", "close", "called", "comment", "hand_over", "snooze")


class Raised(Protocol):
    """What of a flag decides an alert."""

    @property
    def id(self) -> str:
        """Give the flag's id."""

    @property
    def tier(self) -> str:
        """Give the flag's tier."""


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """How one tier is treated: how long a human has, and whether a phone rings."""

    acknowledge_within: dt.timedelta
    push: bool


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """What of an open alert decides whether its cause rings again."""

    id: str
    flag_id: str
    tier: str
    state: str
    raised_at: dt.datetime
    acknowledged_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one flag, and why; `alert_id` names the open alert it belongs to."""

    kind: str
    flag_id: str
    tier: str
    reason: str
    alert_id: str | None = None


def parse_policies(raw: Mapping[str, object]) -> dict[str, AlertPolicy]:
    """Read alerts.toml.

    Raises:
        RuleError: an unknown key, a tier without policy, or no whole number of minutes.
    """
    document = Table(raw, "alerts.toml")
    policies = {}
    for tier in document.names():
        table = document.table(tier)
        minutes = table.number("acknowledge_minutes")
        if minutes is None or minutes <= 0:
            table.refuse("acknowledge_minutes", "a number above 0")
        policies[tier] = AlertPolicy(dt.timedelta(minutes=int(minutes)), table.flag("push"))
        table.done()
    if policies.keys() != set(TIERS):
        message = f"alerts.toml: one policy for each of {', '.join(TIERS)}"
        raise RuleError(message)
    return policies


def decide_alerts(
    flags: Iterable[Raised], open_alerts: Iterable[OpenAlert], *, now: dt.datetime
) -> tuple[Decision, ...]:
    """Decide for each flag: a new alert, a repeat of the open one, or one more note on it.

    The same cause rings once while it is open; it rings again when it is worse, or when it is
    still there `NOT_BETTER_AFTER` somebody acknowledged it.
    """
    known = {alert.flag_id: alert for alert in open_alerts}
    return tuple(_decide(flag, known.get(flag.id), now) for flag in flags)


def _decide(flag: Raised, alert: OpenAlert | None, now: dt.datetime) -> Decision:
    if alert is None:
        return Decision(RAISE, flag.id, flag.tier, "no alert of this cause is open")
    if TIERS.index(flag.tier) < TIERS.index(alert.tier):
        reason = f"worse: {alert.tier} became {flag.tier}"
        return Decision(REPEAT, flag.id, flag.tier, reason, alert.id)
    if alert.acknowledged_at is not None and now - alert.acknowledged_at >= NOT_BETTER_AFTER:
        reason = "still there 72 hours after it was acknowledged"
        return Decision(REPEAT, flag.id, flag.tier, reason, alert.id)
    return Decision(HOLD, flag.id, alert.tier, "an alert of this cause is open", alert.id)


def advance(state: str, step: str, *, note: str | None) -> str:
    """Give the state after a person's step.

    Raises:
        InvalidTransition: the state table has no such step.
        InvalidInput: the step needs a note that says what was done or why it is closed.
    """
    after = state if step in _MARKS else _STEPS.get((state, step))
    if after is None:
        message = f"An alert that is {state} cannot take the step {step}."
        raise InvalidTransition(message)
    if step in _WITH_NOTE and not note:
        raise InvalidInput(
            faults=(Fault("/note", f"say why, what was done or what was said: {step}"),)
        )
    return after
