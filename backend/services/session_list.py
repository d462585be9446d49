"""Who is signed in where: one's own sign-ins, those of staff whom one manages, and their end."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.db import transaction
from backend.errors import Forbidden, NotFound
from backend.models import session as sessions
from backend.models.audit import AuditEntry, append
from backend.models.session import SessionRecord
from backend.models.staff import find_staff


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in that is still good. It was last used at `used_at`, or up to an access token's life later.

    A token is renewed only by who uses it; a write for each request would cost more than it tells.
    """

    id: str
    created_at: dt.datetime
    used_at: dt.datetime
    expires_at: dt.datetime
    client: str | None
    current: bool


def list_sessions(*, actor: Actor, now: dt.datetime) -> tuple[SignIn, ...]:
    """Give one's own sign-ins that are still good, newest first.

    Raises:
        Forbidden: the actor is no member of staff.
    """
    return _live(_own(actor), actor, now)


def end_session(session_id: str, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]) -> None:
    """End one of one's own sign-ins; its tokens stop working at once.

    Raises:
        Forbidden: the actor is no member of staff.
        NotFound: it is none of the actor's that is still good.
    """
    _end(session_id, _own(actor), "signed out", actor=actor, now=now, ids=ids)


def end_other_sessions(*, actor: Actor, now: dt.datetime, ids: Callable[[], str]) -> int:
    """End all of one's own sign-ins but the one that asks; give how many had still been good.

    Raises:
        Forbidden: the actor is no member of staff.
    """
    staff_id = _own(actor)
    return _end_all(
        staff_id, "signed out elsewhere", actor=actor, now=now, ids=ids, but=actor.session_id
    )


def list_staff_sessions(staff_id: str, *, actor: Actor, now: dt.datetime) -> tuple[SignIn, ...]:
    """Give the sign-ins of somebody whose account the actor manages, newest first.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: there is no such account, or it is not the actor's to manage.
    """
    return _live(_managed(staff_id, actor), actor, now)


def end_staff_session(
    staff_id: str, session_id: str, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> None:
    """End one sign-in of somebody whose account the actor manages, such as on a lost computer.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: there is no such account or sign-in, or it is not the actor's to manage.
    """
    known = _managed(staff_id, actor)
    _end(session_id, known, "ended by an administrator", actor=actor, now=now, ids=ids)


def end_staff_sessions(
    staff_id: str, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> int:
    """End every sign-in of somebody whose account the actor manages; the account stays open.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: there is no such account, or it is not the actor's to manage.
    """
    known = _managed(staff_id, actor)
    return _end_all(known, "ended by an administrator", actor=actor, now=now, ids=ids)


def _own(actor: Actor) -> str:
    if not access.may(actor, Action.SESSION_SELF):
        raise Forbidden
    return actor.id


def _managed(staff_id: str, actor: Actor) -> str:
    if not access.may(actor, Action.STAFF_MANAGE):
        raise Forbidden
    known = find_staff(staff_id)
    if known is None or not access.may_manage(actor, known.grants):
        raise NotFound
    return known.id


def _live(staff_id: str, actor: Actor, now: dt.datetime) -> tuple[SignIn, ...]:
    return tuple(_shown(record, actor) for record in sessions.live_sessions_of(staff_id, now=now))


def _shown(record: SessionRecord, actor: Actor) -> SignIn:
    return SignIn(
        id=record.id,
        created_at=record.created_at,
        used_at=record.rotated_at,
        expires_at=record.expires_at,
        client=record.client,
        current=record.id == actor.session_id,
    )


def _end(
    session_id: str,
    staff_id: str,
    why: str,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> None:
    if session_id not in {one.id for one in sessions.live_sessions_of(staff_id, now=now)}:
        raise NotFound
    entry = _entry(ids(), now, actor, [session_id], staff_id, why)

    def story(session: ClientSession) -> None:
        if sessions.revoke_session(session_id, at=now, why=why, session=session):
            append(entry, session=session)

    transaction(story)


def _end_all(
    staff_id: str,
    why: str,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
    but: str | None = None,
) -> int:
    entry_id = ids()

    def story(session: ClientSession) -> int:
        live = sessions.live_sessions_of(staff_id, now=now, session=session)
        ended = [
            record.id
            for record in live
            if record.id != but
            and sessions.revoke_session(record.id, at=now, why=why, session=session)
        ]
        if ended:
            append(_entry(entry_id, now, actor, ended, staff_id, why), session=session)
        return len(ended)

    return transaction(story)


def _entry(
    entry_id: str, now: dt.datetime, actor: Actor, ended: list[str], staff_id: str, why: str
) -> AuditEntry:
    # One that is ended is found by its own name, several by whose they were.
    one = len(ended) == 1
    return AuditEntry(
        id=entry_id,
        at=now,
        actor_id=actor.id,
        action="session:end",
        target=f"session/{ended[0]}" if one else f"staff/{staff_id}",
        details={"staff": staff_id, "sessions": ended},
        reason=why,
    )
