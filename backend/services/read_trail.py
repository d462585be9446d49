"""Who looked at whose health data: one entry for each answered read, written before it is shown."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from backend import access
from backend.access import Action, Actor
from backend.models.audit import AuditEntry, append
from backend.models.subject import find_subject


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: `target` is its address without a query; `details` hold no health data."""

    action: Action
    target: str
    subject_id: str | None
    details: Mapping[str, Any]


def record_read(read: Read, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]) -> None:
    """Write down one read; whoever cannot be written down is shown nothing.

    Raises:
        Unavailable: the database could not commit in time.
    """
    append(
        AuditEntry(
            id=ids(),
            at=now,
            actor_id=actor.id,
            action=read.action,
            target=read.target,
            site=_site(read, actor),
            subject_id=read.subject_id,
            details=read.details,
            # Of its own: a reader must not make a diary that comes in at the same moment wait.
            stream=f"reads/{actor.id}",
        )
    )


def _site(read: Read, actor: Actor) -> str | None:
    """Give the site whose people can find this entry: the subject's, else the reader's only one."""
    if read.subject_id is not None:
        return _site_of(read.subject_id)
    sites = access.scope(actor, read.action).sites
    return next(iter(sites)) if sites is not None and len(sites) == 1 else None


@lru_cache(maxsize=10_000)
def _site_of(subject_id: str) -> str | None:
    # A subject's site never changes.
    subject = find_subject(subject_id)
    return None if subject is None else subject.site
