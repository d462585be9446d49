"""How long what is not the trial's record is kept; what is due goes, and the record stays.

The trial's record is whatever says what happened to a subject and who did what: diaries, results,
judgements, alerts and when each reached somebody, data cuts, signatures, the audit trail. This system
removes none of it: it must be kept for 25 years after the trial's end at the least (Regulation (EU)
536/2014, article 58) and leaves with the whole database, by people.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend.models import retention
from backend.models.audit import AuditEntry, append
from backend.models.retention import Leaving
from backend.models.study import RetentionPlan, Study
from backend.models.subject import off_study_since

# The clock, and whoever looks at what it would do.
CLOCK = "clock"
# A rule's subjects are named in one query.
_TOGETHER = 500
# Whoever needs an export longer has fetched it: a data cut makes the same bytes again.
EXPORTS_KEPT = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what leaves by it, and how long it is kept, in words."""

    name: str
    kept: str
    leaving: Callable[[], Iterator[Leaving]]


@dataclass(frozen=True, slots=True)
class Due:
    """How much a rule would let go now."""

    name: str
    kept: str
    count: int


def rules(study: Study, *, now: dt.datetime) -> tuple[Rule, ...]:
    """Give the study's rules as of a moment."""
    plan = study.retention
    return (
        Rule(
            "sign_ins",
            f"sign-ins and activation codes: {plan.sign_ins.days} days after they ended",
            lambda: iter(retention.sign_ins(now - plan.sign_ins)),
        ),
        Rule(
            "contacts",
            f"contact data: {plan.contacts.days} days after off_study, or after it was last written",
            lambda: _contacts(plan, now),
        ),
        Rule(
            "push_addresses",
            f"push addresses: {plan.push_addresses.days} days after off_study",
            lambda: _addresses(plan, now),
        ),
        Rule("photos", _photos_kept(plan), lambda: _photos(plan, now)),
    )


def what_is_due(study: Study, *, now: dt.datetime) -> tuple[Due, ...]:
    """Count what each rule would let go; nothing is changed."""
    return tuple(
        Due(rule.name, rule.kept, sum(retention.count(each) for each in rule.leaving()))
        for rule in rules(study, now=now)
    )


def apply_rules(
    study: Study, *, now: dt.datetime, ids: Callable[[], str], stopping: Callable[[], bool]
) -> int:
    """Let go what is due, and write down how many of what; give how many in all.

    Safe to repeat, and by two clocks at once: what is gone is not due again.
    """
    gone: dict[str, int] = {}
    for rule in rules(study, now=now):
        done = sum(retention.let_go(each, stopping) for each in rule.leaving())
        if done:
            gone[rule.name] = done
    if gone:
        entry = AuditEntry(
            id=ids(),
            at=now,
            actor_id=CLOCK,
            action="retention:apply",
            target=f"study/{study.version}",
            details=gone,
        )
        append(entry)
    return sum(gone.values())


def _contacts(plan: RetentionPlan, now: dt.datetime) -> Iterator[Leaving]:
    before = now - plan.contacts
    for subjects in _off_study(before):
        yield from retention.contacts(subjects, before)


def _addresses(plan: RetentionPlan, now: dt.datetime) -> Iterator[Leaving]:
    for subjects in _off_study(now - plan.push_addresses):
        yield from retention.addresses(subjects)


def _photos(plan: RetentionPlan, now: dt.datetime) -> Iterator[Leaving]:
    if plan.photos_until is not None and now.date() > plan.photos_until:
        yield from retention.pictures()


def _photos_kept(plan: RetentionPlan) -> str:
    if plan.photos_months is None:
        return "photos: with the record"
    until = plan.photos_until
    ends = "whose end is not known yet" if until is None else f"until {until.isoformat()}"
    return f"photos: {plan.photos_months} months after the trial, {ends}"


def _off_study(before: dt.datetime) -> Iterator[list[str]]:
    """Give the subjects who went off study on a day before, some at a time."""
    found = [number for number, day in off_study_since() if day < before.date()]
    for first in range(0, len(found), _TOGETHER):
        yield found[first : first + _TOGETHER]
