"""Sight of the arms: who may have it, and the record of who took it and why."""

import datetime as dt
from collections.abc import Callable

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor, Scope
from backend.db import transaction
from backend.errors import Forbidden
from backend.models.audit import AuditEntry, append
from backend.models.study import Study

BLINDED, UNBLINDED = "blinded", "unblinded"


def unblind(
    target: str,
    reason: str,
    *,
    actor: Actor,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
) -> Scope:
    """Write down who looks at the arms in `target` and why, then say at which sites they may.

    `target` names what is pulled, such as `table/incidence/all`; it holds no health data. The entry is
    committed before anything is shown.

    Raises:
        Forbidden: the actor may see no arm.
    """
    scope = access.scope(actor, Action.ARM_READ)
    if scope == access.Scope():
        raise Forbidden
    seen = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action="arm:unblinded",
        target=target,
        details={"reason": reason, "sites": sorted(scope.sites or study.sites)},
    )

    def story(session: ClientSession) -> None:
        append(seen, session=session)

    transaction(story)
    return scope
