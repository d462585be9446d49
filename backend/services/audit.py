"""Reading the audit trail."""

import datetime as dt
from dataclasses import replace

from backend import access
from backend.access import Action, Actor
from backend.errors import Forbidden
from backend.models.audit import EVERYTHING, AuditEntry, AuditSearch, latest
from backend.services.paging import Page, read_cursor, write_cursor


def read_audit(
    *, actor: Actor, limit: int, cursor: str | None, search: AuditSearch = EVERYTHING
) -> Page[AuditEntry]:
    """Give what is looked for in the trail, newest first, of the sites that the actor answers for.

    Raises:
        Forbidden: the actor may not read it.
        InvalidInput: the cursor is none of ours.
    """
    scope = access.scope(actor, Action.AUDIT_READ)
    if scope == access.Scope():
        raise Forbidden
    before = read_cursor(cursor, (dt.datetime, str))
    rows = latest(
        limit + 1,
        sites=scope.sites,
        before=(before[0], before[1]) if before else None,
        search=search,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    shown = tuple(_shown(entry, actor) for entry in rows[:limit])
    return Page(shown, write_cursor((last.at, last.id)) if last else None)


def _shown(entry: AuditEntry, actor: Actor) -> AuditEntry:
    """Give an entry as its reader may see it: an administrator looks after accounts, not findings."""
    if entry.subject_id is None or access.may(actor, Action.ASSESSMENT_READ, site=entry.site):
        return entry
    return replace(entry, reason=None, changes={})
