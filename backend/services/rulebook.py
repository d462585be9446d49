"""The rules for staff to read, and what a change of them would do to the stored days of their sites."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from backend import access
from backend.access import Action, Actor
from backend.clinical.rulebook import RulePage, find_rule, rule_pages
from backend.clinical.rules import Ruleset
from backend.errors import Fault, Forbidden, InvalidInput, NotFound
from backend.models.ruleset import known_versions
from backend.services.ruleset import Replayed, compare_rules, replay

# A request is answered within seconds or not at all; more is for `flask rules replay`.
MOST_DAYS = 20_000
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every rule of one version."""

    version: str
    items: tuple[RulePage, ...]


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A rule set that was in force here, and since when."""

    version: str
    loaded_at: dt.datetime
    in_force: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two rule sets differ, as unified diff lines by file."""

    first: str
    second: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """How often one change would happen."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What the rules in force would make of the stored days since `since`; nothing stored changes.

    `judged`: changed days within events that a clinician has judged; those judgements stay.
    """

    since: dt.date
    ruleset_version: str
    read: int
    changed: int
    judged: int
    kinds: tuple[Counted, ...]
    days: tuple[Replayed, ...]


def read_rules(ruleset: Ruleset) -> Rulebook:
    """Give every rule in force."""
    return Rulebook(ruleset.version, tuple(rule_pages(ruleset)))


def read_rule(kind: str, rule_id: str, ruleset: Ruleset) -> RulePage:
    """Give one rule in force.

    Raises:
        NotFound: there is none.
    """
    found = find_rule(ruleset, kind, rule_id)
    if found is None:
        raise NotFound
    return found


def read_versions(ruleset: Ruleset) -> tuple[KnownVersion, ...]:
    """Give every rule set that was ever in force here, oldest first."""
    return tuple(
        KnownVersion(version, loaded_at, version == ruleset.version)
        for version, loaded_at in known_versions()
    )


def compare(first: str, second: str) -> Comparison:
    """Say how two stored rule sets differ.

    Raises:
        NotFound: a version was never loaded here.
    """
    return Comparison(first, second, tuple(compare_rules(first, second)))


def replay_since(since: dt.date, *, actor: Actor, ruleset: Ruleset) -> ReplayReport:
    """Assess the stored days of the actor's sites anew by the rules in force, and compare.

    Raises:
        Forbidden: not for this actor.
        InvalidInput: more than `MOST_DAYS` days.
    """
    scope = access.scope(actor, Action.RULE_REPLAY)
    if scope == access.Scope():
        raise Forbidden
    read = judged = changed = 0
    kinds: Counter[str] = Counter()
    shown: list[Replayed] = []
    for day in replay(ruleset, since=since, sites=scope.sites):
        read += 1
        if read > MOST_DAYS:
            message = f"more than {MOST_DAYS} days: take a later one, or `flask rules replay`"
            raise InvalidInput(faults=(Fault("/since", message),))
        if not day:
            continue
        changed += 1
        judged += day.judged
        kinds.update(day.kinds())
        if len(shown) < SHOWN:
            shown.append(day)
    return ReplayReport(
        since,
        ruleset.version,
        read,
        changed,
        judged,
        tuple(Counted(what, count) for what, count in kinds.most_common()),
        tuple(shown),
    )
