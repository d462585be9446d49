"""What rings, what rings again, what is held; and which steps an answer may take."""

import datetime as dt
from dataclasses import dataclass

import pytest

from backend.clinical.advice import parse_advice
from backend.clinical.alerting import (
    NOT_BETTER_AFTER,
    OpenAlert,
    advance,
    decide_alerts,
    parse_policies,
)
from backend.clinical.document import RuleError
from backend.clinical.rules import load_ruleset
from backend.errors import InvalidInput, InvalidTransition

NOW = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Flag:
    """What of a flag decides an alert."""

    id: str
    tier: str


def alert(tier: str, acknowledged_at: dt.datetime | None = None) -> OpenAlert:
    state = "new" if acknowledged_at is None else "acknowledged"
    return OpenAlert("a1", "RASH", tier, state, NOW - dt.timedelta(days=4), acknowledged_at)


def decided(flag: Flag, *known: OpenAlert) -> tuple[str, str, str | None]:
    (decision,) = decide_alerts([flag], known, now=NOW)
    return decision.kind, decision.tier, decision.alert_id


def test_a_first_flag_rings() -> None:
    assert decided(Flag("RASH", "routine")) == ("raise", "routine", None)


def test_the_same_or_less_is_held_at_the_tier_that_rang() -> None:
    assert decided(Flag("RASH", "urgent"), alert("urgent")) == ("hold", "urgent", "a1")
    assert decided(Flag("RASH", "routine"), alert("urgent")) == ("hold", "urgent", "a1")


def test_worse_rings_again_even_right_after_an_answer() -> None:
    worse = decided(Flag("RASH", "emergency"), alert("urgent", NOW))
    assert worse == ("repeat", "emergency", "a1")


def test_not_better_after_72_hours_rings_again_and_a_second_earlier_does_not() -> None:
    on_time = alert("same_day", NOW - NOT_BETTER_AFTER)
    early = alert("same_day", NOW - NOT_BETTER_AFTER + dt.timedelta(seconds=1))
    assert decided(Flag("RASH", "same_day"), on_time)[0] == "repeat"
    assert decided(Flag("RASH", "same_day"), early)[0] == "hold"


def test_another_cause_is_another_alert() -> None:
    assert decided(Flag("EYE", "urgent"), alert("emergency"))[0] == "raise"


@pytest.mark.parametrize(
    ("state", "step", "after"),
    [
        ("new", "acknowledge", "acknowledged"),
        ("new", "act", "acted"),
        ("new", "close", "closed"),
        ("acknowledged", "act", "acted"),
        ("acknowledged", "close", "closed"),
        ("acted", "act", "acted"),
        ("acted", "close", "closed"),
    ],
)
def test_every_step_of_the_table(state: str, step: str, after: str) -> None:
    assert advance(state, step, note="called the patient") == after


@pytest.mark.parametrize(
    ("state", "step"),
    [("acknowledged", "acknowledge"), ("acted", "acknowledge"), ("closed", "act"), ("new", "sing")],
)
def test_any_other_step_is_refused(state: str, step: str) -> None:
    with pytest.raises(InvalidTransition):
        advance(state, step, note="called the patient")


@pytest.mark.parametrize("step", ["act", "close"])
def test_what_was_done_must_be_said(step: str) -> None:
    with pytest.raises(InvalidInput):
        advance("acknowledged", step, note=None)


def test_every_tier_has_a_policy_and_a_step_for_the_patient() -> None:
    ruleset = load_ruleset()
    assert ruleset.policies["emergency"].acknowledge_within == dt.timedelta(minutes=15)
    assert not ruleset.policies["routine"].push
    steps = {tier: ruleset.advice.for_tier(tier).kind for tier in (*ruleset.policies, "none")}
    assert steps == {
        "emergency": "emergency",
        "urgent": "call_clinic",
        "same_day": "call_clinic",
        "routine": "self_care",
        "none": "self_care",
    }


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"emergency": {"acknowledge_minutes": 0, "push": True}},
        {"emergency": {"acknowledge_minutes": 15, "push": True, "colour": "red"}},
    ],
)
def test_a_policy_that_is_not_whole_does_not_load(raw: dict[str, object]) -> None:
    with pytest.raises(RuleError):
        parse_policies(raw)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {
            "a": {"tiers": ["none"], "en": "x", "zh": "x"},
            "b": {"tiers": ["none"], "en": "x", "zh": "x"},
        },
        {"a": {"tiers": ["none"], "en": "x"}},
    ],
)
def test_advice_that_is_not_whole_does_not_load(raw: dict[str, object]) -> None:
    with pytest.raises(RuleError):
        parse_advice(raw)
