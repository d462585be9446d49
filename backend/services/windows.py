"""Which windows are to be opened for a subject, and a window's next state."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession

from backend.clinical.diaryplan import (
    DONE,
    DONE_LATE,
    DUE,
    Course,
    asked_on,
    moment,
    reminders,
    window_times,
)
from backend.clinical.exposure import GIVEN, RADIOTHERAPY, days_since, exposure_facts
from backend.models import window as windows
from backend.models.device import DeviceRecord, devices_of
from backend.models.diary import days_before, versions_of_day
from backend.models.study import Study
from backend.models.subject import Subject
from backend.models.window import WindowRecord, WindowStep
from backend.services.exposure import doses_of

_DAY = dt.timedelta(days=1)
# A clock that was away for longer has a story of its own; nobody is called missing for all of it.
_MOST_DAYS = 14


def new_days(subject: Subject, now: dt.datetime, session: ClientSession) -> list[dt.date]:
    """Give the days since the newest window, or since the first diary, or today; two weeks at most."""
    today = now.astimezone(ZoneInfo(subject.zone)).date()
    newest = windows.newest_window(subject.id, session=session)
    if newest is not None:
        first = newest.day + _DAY
    else:
        written = days_before(subject.id, today, _MOST_DAYS, session=session)
        first = written[-1].day if written else today
    first = max(first, today - (_MOST_DAYS - 1) * _DAY)
    return [first + number * _DAY for number in range((today - first).days + 1)]


def expected_window(
    subject: Subject,
    day: dt.date,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
    session: ClientSession,
) -> WindowRecord | None:
    """Give the window of a day as it opens; None where no diary is expected."""
    devices = devices_of(subject.id)
    course = _course(subject, day, session)
    # Before the first dose a diary is expected of those who have a phone; then of everybody, so that
    # a patient who never managed to begin is seen too.
    if not devices and course.first_treatment is None:
        return None
    asked = asked_on(day, course, study.diary.plan)
    if asked is None:
        return None
    phase, asks = asked
    times = window_times(day, subject.zone, close_after=study.diary.close_after)
    planned = reminders(
        moment(day, _reminder_time(devices, study), subject.zone),
        study.diary.remind_again,
        until=times.due_at,
    )
    window = WindowRecord(
        id=ids(),
        subject_id=subject.id,
        site=subject.site,
        day=day,
        zone=subject.zone,
        phase=phase,
        asks=asks,
        opens_at=times.opens_at,
        due_at=times.due_at,
        closes_at=times.closes_at,
        state=DUE,
        steps=(WindowStep(now, DUE),),
        rev=0,
        reminders=planned,
        remind_at=planned[0] if planned else None,
    )
    # A diary may have come before the clock opened the window.
    came = versions_of_day(subject.id, day, session=session)
    return done_by(window, came[-1].id, came[-1].received_at) if came else window


def _reminder_time(devices: tuple[DeviceRecord, ...], study: Study) -> dt.time:
    """Give the time that the patient chose on the newest phone, or the study's."""
    chosen = [
        device.reminder_time
        for device in devices
        if device.revoked_at is None and device.reminder_time is not None
    ]
    return dt.time.fromisoformat(chosen[-1]) if chosen else study.diary.reminder_at


def _course(subject: Subject, day: dt.date, session: ClientSession) -> Course:
    days = subject.milestone_days
    doses = doses_of(subject.id, session=session)
    given = [dose for dose in doses if dose.kind == GIVEN]
    cycles: dict[int, dt.date] = {}
    for dose in given:
        if dose.cycle is not None:
            cycles[dose.cycle] = min(cycles.get(dose.cycle, dose.first), dose.first)
    fractions = sorted(dose.first for dose in given if dose.component == RADIOTHERAPY)
    began = days.get("radiotherapy_start", fractions[0] if fractions else None)
    first = min((dose.first for dose in given), default=days.get("first_dose"))
    enrolled = subject.enrolled_at.astimezone(ZoneInfo(subject.zone)).date()
    # Where the record was made after the first dose, the dose says more.
    entered = days.get("randomised", enrolled)
    return Course(
        arm=subject.arm,
        randomised=min(entered, first or entered),
        cycles=tuple(cycles.values()),
        radiotherapy=None if began is None else (began, days.get("radiotherapy_end")),
        first_treatment=first,
        last_treatment=days.get("last_treatment"),
        surgery=days.get("surgery", days.get("local_excision")),
        watch_and_wait=days.get("watch_and_wait"),
        off_study=days.get("off_study"),
        since=days_since(exposure_facts(doses, on=day)),
    )


def done_by(window: WindowRecord, diary_id: str, at: dt.datetime) -> WindowRecord:
    """Give a window that a diary has closed."""
    state = DONE if at < window.due_at else DONE_LATE
    return replace(in_state(window, state, at), diary_id=diary_id)


def in_state(
    window: WindowRecord,
    state: str,
    at: dt.datetime,
    *,
    by: str | None = None,
    reason: str | None = None,
) -> WindowRecord:
    """Give a window in its next state; it rings no more."""
    return replace(
        window,
        state=state,
        steps=(*window.steps, WindowStep(at, state, by, reason)),
        rev=window.rev + 1,
        remind_at=None,
    )
