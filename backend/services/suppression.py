"""Less noise, with care: a suppression runs in shadow until somebody with the right switches it on."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical.flagrules import TIERS
from backend.clinical.rules import Ruleset
from backend.db import transaction
from backend.errors import (
    Fault,
    Forbidden,
    InvalidInput,
    InvalidTransition,
    NotFound,
    StaleRevision,
)
from backend.models import suppression as suppressions
from backend.models.alert import AlertRecord, count_suppressed
from backend.models.audit import AuditEntry, append
from backend.models.study import Study
from backend.models.suppression import ENDED, ON, SHADOW, Suppression, SuppressionStep

EMERGENCY = TIERS[0]
# The step, from which state to which, and whose right it is.
_STEPS = {
    ("switch_on", SHADOW): ON,
    ("switch_off", ON): SHADOW,
    ("end", SHADOW): ENDED,
    ("end", ON): ENDED,
}
STEPS = ("switch_on", "switch_off", "end")


@dataclass(frozen=True, slots=True)
class NewSuppression:
    """A proposal: which flag and tiers need not ring, where, and why."""

    flag_id: str
    tiers: tuple[str, ...]
    site: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class SuppressionChange:
    """One step, why, and the revision that was looked at."""

    step: str
    reason: str
    rev: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A suppression with the alerts that it fitted: what would have been, or was, kept quiet.

    `acted` alerts led a person to do something, `useful` ones were marked so: each is one that
    ought to have rung.
    """

    suppression: Suppression
    fitted: int
    acted: int
    useful: int
    not_useful: int


def suppress(alert: AlertRecord, *, session: ClientSession) -> AlertRecord:
    """Give an alert that is about to ring, with the suppressions that fit it.

    Only one that is switched on keeps it from ringing; it is on the work list all the same.
    """
    fitting = [
        one
        for one in suppressions.suppressions_of(alert.flag_id, session=session)
        if alert.tier in one.tiers and one.site in (None, alert.site)
    ]
    return replace(
        alert,
        suppressions=tuple(one.id for one in fitting),
        suppressed=any(one.state == ON for one in fitting),
    )


def list_suppressions(*, actor: Actor) -> tuple[Counted, ...]:
    """Give every suppression that concerns the actor's sites, with what it fitted there."""
    sites = access.scope(actor, Action.SUPPRESSION_READ).sites
    return tuple(
        Counted(one, **count_suppressed(one.id, sites))
        for one in suppressions.all_suppressions(sites)
    )


def propose_suppression(
    new: NewSuppression,
    *,
    actor: Actor,
    ruleset: Ruleset,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
) -> Suppression:
    """Begin a suppression in shadow.

    Raises:
        Forbidden: not for this site, or not for all of them.
        InvalidInput: an unknown flag or site, or the emergency tier, which always rings.
    """
    faults = []
    if new.flag_id not in ruleset.flags:
        faults.append(Fault("/flag_id", "not a flag of the rules in force"))
    if EMERGENCY in new.tiers:
        faults.append(Fault("/tiers", "an emergency always rings"))
    if new.site is not None and new.site not in study.sites:
        faults.append(Fault("/site", "not a site of the study"))
    if faults:
        raise InvalidInput(faults=tuple(faults))
    _allow(actor, Action.SUPPRESSION_PROPOSE, new.site)
    made = Suppression(
        id=ids(),
        flag_id=new.flag_id,
        tiers=new.tiers,
        site=new.site,
        state=SHADOW,
        made_at=now,
        steps=(SuppressionStep(now, "propose", actor.id, new.reason),),
        rev=0,
    )

    def story(session: ClientSession) -> Suppression:
        suppressions.insert_suppression(made, session=session)
        _audit(made, None, actor, ids, session)
        return made

    return transaction(story)


def change_suppression(
    suppression_id: str,
    change: SuppressionChange,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> Suppression:
    """Switch a suppression on or off, or end it.

    Raises:
        NotFound: there is none.
        Forbidden: not for this site, or not for all of them.
        InvalidTransition: it is not in the state for this step.
        StaleRevision: somebody was quicker.
    """

    def story(session: ClientSession) -> Suppression:
        known = suppressions.find_suppression(suppression_id, session=session)
        if known is None:
            raise NotFound
        _allow(actor, Action.SUPPRESSION_SWITCH, known.site)
        if known.rev != change.rev:
            raise StaleRevision
        state = _STEPS.get((change.step, known.state))
        if state is None:
            message = f"A suppression that is {known.state} cannot take the step {change.step}."
            raise InvalidTransition(message)
        step = SuppressionStep(now, change.step, actor.id, change.reason)
        changed = replace(known, state=state, steps=(*known.steps, step), rev=known.rev + 1)
        if not suppressions.replace_suppression(changed, session=session):
            raise StaleRevision
        _audit(changed, known.state, actor, ids, session)
        return changed

    return transaction(story)


def _allow(actor: Actor, action: Action, site: str | None) -> None:
    """Refuse somebody of one site who would change what rings at others.

    Raises:
        Forbidden: the actor's grant does not reach so far.
    """
    reach = access.scope(actor, action).sites
    if reach is not None and site not in reach:
        raise Forbidden


def _audit(
    suppression: Suppression,
    before: str | None,
    actor: Actor,
    ids: Callable[[], str],
    session: ClientSession,
) -> None:
    step = suppression.steps[-1]
    append(
        AuditEntry(
            id=ids(),
            at=step.at,
            actor_id=actor.id,
            action=f"suppression:{step.step}",
            target=f"suppression/{suppression.id}",
            site=suppression.site,
            details={"flag": suppression.flag_id, "state": suppression.state},
            reason=step.reason,
            changes={"state": {"old": before, "new": suppression.state}},
        ),
        session=session,
    )
