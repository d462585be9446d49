"""Which diaries are expected of a subject: windows are opened, left late, missed, done or excused."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession

from backend.access import Action, Actor
from backend.clinical.diaryplan import (
    EXCUSED,
    LATE,
    MISSED,
    OPEN,
    STATES,
)
from backend.db import CLOCK_PATIENCE_SECONDS, transaction
from backend.errors import InvalidTransition, NotFound
from backend.models import window as windows
from backend.models.audit import AuditEntry, append
from backend.models.lock import lock_subject
from backend.models.study import Study
from backend.models.subject import find_subject
from backend.models.window import WindowRecord
from backend.services.lease import Fence
from backend.services.routing import cancel_messages
from backend.services.subject import subject_for
from backend.services.windows import done_by, expected_window, in_state, new_days


@dataclass(frozen=True, slots=True)
class PlanView:
    """A subject's windows of some days, and how many are in each state."""

    windows: tuple[WindowRecord, ...]
    counts: Mapping[str, int]


def follow_windows(
    subject_id: str,
    *,
    study: Study,
    fence: Fence,
    now: dt.datetime,
    ids: Callable[[], str],
) -> int:
    """Open windows up to today where a diary is expected, and let open ones become late or missed.

    Asks what should be there and is not, so it may run at any time and again, and days that a clock
    slept through are made up for. Give how many changed.

    Raises:
        FencedError: another clock has taken over.
    """
    if windows.is_followed(subject_id, now):
        return 0

    def story(session: ClientSession) -> int:
        fence.check(session)
        lock_subject(subject_id, session=session)
        subject = find_subject(subject_id, session=session)
        if subject is None:
            return 0
        changed = 0
        for day in new_days(subject, now, session):
            expected = expected_window(subject, day, study, now, ids, session)
            if expected is not None:
                windows.insert_window(expected, session=session)
                changed += 1
        for window in windows.open_windows_of(subject_id, session=session):
            moved = _moved(window, now)
            if moved is not None:
                windows.replace_window(moved, session=session)
                changed += 1
        return changed

    return transaction(story, patience=CLOCK_PATIENCE_SECONDS)


def note_diary(
    subject_id: str, day: dt.date, diary_id: str, *, at: dt.datetime, session: ClientSession
) -> None:
    """Let a diary that has come close its day's window; its reminders are owed no more.

    A second version of the same day changes nothing: the first one was in time, or was not.
    """
    window = windows.find_window(subject_id, day, session=session)
    if window is None or window.diary_id is not None:
        return
    windows.replace_window(done_by(window, diary_id, at), session=session)
    cancel_messages(window.id, at=at, session=session)


def read_plan(
    subject_id: str, *, since: dt.date | None, until: dt.date | None, actor: Actor
) -> PlanView:
    """Give a subject's windows; the subject's own phone may ask for them too.

    Raises:
        NotFound, Forbidden: not for this actor.
    """
    subject = subject_for(subject_id, actor, Action.DIARY_READ)
    found = tuple(
        window
        for window in windows.windows_of(subject.id)
        if (since is None or window.day >= since) and (until is None or window.day <= until)
    )
    counts = Counter(window.state for window in found)
    return PlanView(found, {state: counts[state] for state in STATES})


def excuse_day(
    subject_id: str,
    day: dt.date,
    reason: str,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> WindowRecord:
    """Excuse a diary that did not or will not come: in hospital, abroad.

    Raises:
        NotFound, Forbidden: not for this actor; or no diary is expected on this day.
        InvalidTransition: it came, or is excused already.
    """
    subject = subject_for(subject_id, actor, Action.DIARY_EXCUSE)

    def story(session: ClientSession) -> WindowRecord:
        lock_subject(subject.id, session=session)
        window = windows.find_window(subject.id, day, session=session)
        if window is None:
            raise NotFound
        if window.state not in (*OPEN, MISSED):
            message = f"A diary that is {window.state} cannot be excused."
            raise InvalidTransition(message)
        excused = in_state(window, EXCUSED, now, by=actor.id, reason=reason)
        windows.replace_window(excused, session=session)
        cancel_messages(window.id, at=now, session=session)
        append(
            AuditEntry(
                id=ids(),
                at=now,
                actor_id=actor.id,
                action="diary:excuse",
                target=f"window/{window.id}",
                site=subject.site,
                subject_id=subject.id,
                details={"day": day.isoformat()},
                reason=reason,
                changes={"state": {"old": window.state, "new": EXCUSED}},
            ),
            session=session,
        )
        return excused

    return transaction(story)


def _moved(window: WindowRecord, now: dt.datetime) -> WindowRecord | None:
    """Give an open window as its hour has come to be; None where nothing has changed."""
    if now >= window.closes_at:
        return in_state(window, MISSED, now)
    if now >= window.due_at and window.state != LATE:
        return replace(in_state(window, LATE, now), remind_at=None)
    return None
