"""The part of a study file that says how alerts are followed: whom, after how long, whom next."""

import datetime as dt
import re
from decimal import Decimal

from backend.clinical.document import Table
from backend.clinical.flagrules import TIERS
from backend.duty import QuietHours
from backend.escalation import RECIPIENTS, EscalationPolicy, EscalationStep
from backend.models.study import AlertPlan

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
EMERGENCY = TIERS[0]
# The channels that there are, in the order that a site has unless it names its own.
CHANNELS = ("fcm", "webpush", "webhook", "email", "console")


def read_alert_plan(table: Table) -> AlertPlan:
    """Read `[alerts]`.

    Raises:
        RuleError: an unknown key or recipient, steps that do not follow each other, a tier without
            policy, or an emergency that waits, can be snoozed, or stops ringing.
    """
    quiet = QuietHours(read_time(table, "quiet_from"), read_time(table, "quiet_until"))
    digest_at = read_time(table, "digest_at")
    named = table.table("shift")
    shifts = {name: read_time(named, name) for name in named.names()}
    if not shifts:
        table.refuse("shift", "at least one name with the time at which it begins")
    tiers = table.table("tier")
    policies = {name: _policy(tiers.table(name), name) for name in tiers.names()}
    if policies.keys() != set(TIERS):
        table.refuse("tier", f"one table for each of {', '.join(TIERS)}")
    table.done()
    return AlertPlan(policies, quiet, digest_at, shifts)


def read_holidays(table: Table) -> frozenset[dt.date]:
    """Read a site's `holidays`, a list of dates; none where the key is absent."""
    if "holidays" not in table:
        return frozenset()
    try:
        return frozenset(dt.date.fromisoformat(day) for day in table.texts("holidays"))
    except ValueError:
        table.refuse("holidays", "a list of days such as 2026-10-01")


def read_time(table: Table, key: str) -> dt.time:
    """Read a time of day."""
    text = table.text(key)
    if not _TIME.fullmatch(text):
        table.refuse(key, "a time of day such as 19:00")
    return dt.time.fromisoformat(text)


def _policy(table: Table, tier: str) -> EscalationPolicy:
    steps = tuple(_step(part) for part in table.tables("step"))
    policy = EscalationPolicy(
        steps,
        repeat_every=_minutes(table, "repeat_minutes"),
        snooze_at_most=_minutes(table, "snooze_at_most_minutes"),
        quiet=table.flag("quiet") if "quiet" in table else False,
    )
    table.done()
    after = [step.after for step in steps]
    if after != sorted(set(after)) or (after and after[0]):
        table.refuse("step", "in order, the first one after 0 minutes")
    # Nobody dies of a study file: an emergency rings at once and until somebody takes it.
    if tier == EMERGENCY and (
        not steps or policy.repeat_every is None or policy.snooze_at_most or policy.quiet
    ):
        table.refuse("repeat_minutes", "given; an emergency has steps, no quiet hours, no snooze")
    return policy


def _step(table: Table) -> EscalationStep:
    minutes = table.number("after_minutes")
    to = table.texts("to")
    if minutes is None or minutes < 0:
        table.refuse("after_minutes", "0 or more")
    if not to or set(to) - set(RECIPIENTS):
        table.refuse("to", f"a list of {', '.join(RECIPIENTS)}")
    table.done()
    return EscalationStep(_timedelta(minutes), to)


def _minutes(table: Table, key: str) -> dt.timedelta | None:
    minutes = table.number(key) if key in table else None
    if minutes is None:
        return None
    if minutes <= 0:
        table.refuse(key, "a number above 0")
    return _timedelta(minutes)


def _timedelta(minutes: Decimal) -> dt.timedelta:
    return dt.timedelta(minutes=float(minutes))
