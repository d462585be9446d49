"""Exposure: record what was given, taken, left out or stopped, and correct it as a new record."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession

from backend.access import Action, Actor
from backend.clinical import exposure as clinical
from backend.clinical.exposure import ORAL, RADIOTHERAPY, Dose
from backend.db import transaction
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.models import exposure as exposures
from backend.models.audit import AuditEntry, append, changed, told
from backend.models.exposure import ExposureRecord
from backend.models.lock import lock_subject
from backend.models.study import Study
from backend.models.subject import Subject
from backend.services.exposure_entry import (
    INTERRUPTED,
    OMITTED,
    STOPPED,
    WITHDRAWN,
    NewExposure,
    exposure_faults,
)
from backend.services.paging import Page, read_cursor, write_cursor
from backend.services.subject import subject_for


def record_exposure(
    subject_id: str,
    new: NewExposure,
    *,
    actor: Actor,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
) -> ExposureRecord:
    """Record one dose, or correct an earlier record.

    Raises:
        NotFound, Forbidden: not for this actor; or what it corrects is not there.
        InvalidInput: unknown component or unit, a day that has not come, a change without reason.
        Conflict: the same is recorded already, or what it corrects is corrected already.
    """
    subject = subject_for(subject_id, actor, Action.EXPOSURE_RECORD)
    today = now.astimezone(ZoneInfo(subject.zone)).date()
    faults = exposure_faults(new, study, subject, today=today)
    if faults:
        raise InvalidInput(faults=faults)
    record = ExposureRecord(
        id=ids(),
        subject_id=subject.id,
        site=subject.site,
        study_version=study.version,
        component=new.component,
        first=new.first,
        last=new.last,
        dose=new.dose,
        unit=new.unit,
        cycle=new.cycle,
        fraction=new.fraction,
        dose_per_m2=new.dose_per_m2,
        change=new.change,
        reason=new.reason,
        corrects=new.corrects,
        recorded_at=now,
        recorded_by=actor.id,
    )

    def story(session: ClientSession) -> ExposureRecord:
        # Two requests at once must not each find the day free.
        lock_subject(subject.id, session=session)
        earlier = _correct(new, subject, session)
        _refuse_twice(record, exposures.exposures_of(subject.id, session=session))
        exposures.insert_exposure(record, session=session)
        append(
            AuditEntry(
                id=ids(),
                at=now,
                actor_id=actor.id,
                action="exposure:record",
                target=f"exposure/{record.id}",
                site=subject.site,
                subject_id=subject.id,
                details={"corrects": new.corrects} if new.corrects else {},
                reason=record.reason,
                changes=(
                    {} if earlier is None else changed(told(earlier, *_DOSE), told(record, *_DOSE))
                ),
            ),
            session=session,
        )
        return record

    return transaction(story)


def list_exposures(
    subject_id: str, *, actor: Actor, limit: int, cursor: str | None
) -> Page[ExposureRecord]:
    """Give a subject's dose records by day, corrected ones included.

    Whoever reads them can tell the arm: arm B begins with radiotherapy. That is why the access
    table gives this to the care team and the reviewers alone.

    Raises:
        NotFound, Forbidden: not for this actor.
    """
    subject = subject_for(subject_id, actor, Action.EXPOSURE_READ)
    after = read_cursor(cursor, (str, str))
    rows = exposures.page(subject.id, limit + 1, after=after)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], write_cursor((last.first.isoformat(), last.id)) if last else None)


def doses_of(subject_id: str, *, session: ClientSession | None = None) -> tuple[Dose, ...]:
    """Give the records that count, as the pure core reads them."""
    return tuple(
        Dose(
            component=record.component,
            first=record.first,
            # An infusion or fraction is over on its day; only by mouth a record can be open.
            last=record.last if record.component in ORAL else record.first,
            kind=_kind(record),
            cycle=record.cycle,
            amount_per_m2=record.dose_per_m2,
        )
        for record in exposures.exposures_of(subject_id, session=session)
        if not record.corrected and record.change != WITHDRAWN
    )


def _kind(record: ExposureRecord) -> str:
    if record.change == STOPPED:
        return clinical.STOPPED
    if record.change == OMITTED:
        return clinical.OMITTED
    if record.change == INTERRUPTED and record.component in ORAL:
        return clinical.PAUSED
    return clinical.GIVEN


_DOSE = ("first", "last", "dose", "unit", "cycle", "fraction", "dose_per_m2", "change")


def _correct(new: NewExposure, subject: Subject, session: ClientSession) -> ExposureRecord | None:
    """Mark what a new record corrects and give it; None: it corrects nothing."""
    if new.corrects is None:
        return None
    earlier = exposures.find_exposure(str(new.corrects), session=session)
    if earlier is None or earlier.subject_id != subject.id:
        raise NotFound
    if earlier.component != new.component:
        detail = f"a record of {earlier.component} is corrected: withdraw it and record a new one"
        raise InvalidInput(faults=(Fault("/component", detail),))
    if not exposures.mark_corrected(earlier.id, session=session):
        message = "This record is corrected already; correct the newest one."
        raise Conflict(message)
    return earlier


def _refuse_twice(new: ExposureRecord, known: tuple[ExposureRecord, ...]) -> None:
    """Refuse a dose that is on record: counted twice it would be a dose that nobody had.

    Raises:
        Conflict: the same day, fraction or run of days is there already.
    """
    counted = [
        other
        for other in known
        if other.component == new.component and not other.corrected and other.change != WITHDRAWN
    ]
    if new.change == WITHDRAWN or _kind(new) != clinical.GIVEN:
        return
    for other in counted:
        if _kind(other) == clinical.GIVEN and _is_same(new, other, counted):
            message = f"Record {other.id} has these days already; correct that one."
            raise Conflict(message)


def _is_same(new: ExposureRecord, other: ExposureRecord, known: list[ExposureRecord]) -> bool:
    if new.component == RADIOTHERAPY:
        return new.fraction == other.fraction
    if new.component not in ORAL:
        return new.first == other.first
    return new.first <= _ends(other, known) and other.first <= _ends(new, known)


def _ends(run: ExposureRecord, known: list[ExposureRecord]) -> dt.date:
    """Give the last day by mouth; an open run ends before the interruption that came after it."""
    if run.last is not None:
        return run.last
    pauses = [
        other.first
        for other in known
        if _kind(other) in (clinical.PAUSED, clinical.STOPPED) and other.first > run.first
    ]
    return min(pauses) - dt.timedelta(days=1) if pauses else dt.date.max
