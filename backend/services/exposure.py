"""Exposure: record what was given, taken, left out or stopped, and correct it as a new record."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession

from backend.access import Action, Actor
from backend.clinical.exposure import ORAL, Dose
from backend.db import transaction
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.models import exposure as exposures
from backend.models.audit import AuditEntry, append
from backend.models.exposure import ExposureRecord
from backend.models.study import Study
from backend.models.subject import Subject
from backend.services.subject import subject_for

# How a dose differs from the plan; `omitted` was not given at all.
GIVEN, OMITTED = "given", "omitted"
CHANGES = (GIVEN, "reduced", "delayed", "interrupted", "stopped", OMITTED)


@dataclass(frozen=True, slots=True)
class NewExposure:
    """One dose record as entered."""

    component: str
    first: dt.date
    last: dt.date | None
    dose: Decimal
    unit: str
    cycle: int | None
    fraction: int | None
    dose_per_m2: Decimal | None
    change: str
    reason: str | None
    corrects: str | None


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
        Conflict: what it corrects is corrected already.
    """
    subject = subject_for(subject_id, actor, Action.EXPOSURE_RECORD)
    faults = _faults(new, study, subject, now)
    if faults:
        raise InvalidInput(faults=faults)
    record = ExposureRecord(
        id=ids(),
        subject_id=subject.id,
        site=subject.site,
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
        if new.corrects is not None:
            _correct(new.corrects, subject, session)
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
            ),
            session=session,
        )
        return record

    return transaction(story)


def list_exposures(subject_id: str, *, actor: Actor) -> tuple[ExposureRecord, ...]:
    """Give every dose record of a subject by day.

    Whoever reads them can tell the arm: arm B begins with radiotherapy. That is why the access
    table gives this to the care team and the reviewers alone.
    """
    subject = subject_for(subject_id, actor, Action.EXPOSURE_READ)
    return exposures.exposures_of(subject.id)


def doses_of(subject_id: str, *, session: ClientSession | None = None) -> tuple[Dose, ...]:
    """Give the records that count, as the pure core reads them."""
    return tuple(
        Dose(
            component=record.component,
            first=record.first,
            # An infusion or fraction is over on its day; only an oral course can be open.
            last=record.last if record.component in ORAL else record.first,
            kind=OMITTED if record.change == OMITTED else GIVEN,
            cycle=record.cycle,
            amount_per_m2=record.dose_per_m2,
        )
        for record in exposures.exposures_of(subject_id, session=session)
        if not record.corrected
    )


def _correct(exposure_id: str, subject: Subject, session: ClientSession) -> None:
    earlier = exposures.find_exposure(exposure_id, session=session)
    if earlier is None or earlier.subject_id != subject.id:
        raise NotFound
    if not exposures.mark_corrected(exposure_id, session=session):
        message = "This record is corrected already; correct the newest one."
        raise Conflict(message)


def _faults(
    new: NewExposure, study: Study, subject: Subject, now: dt.datetime
) -> tuple[Fault, ...]:
    component = study.components.get(new.component)
    if component is None:
        return (Fault("/component", "not a component of this study's treatment"),)
    faults = []
    today = now.astimezone(ZoneInfo(subject.zone)).date()
    if new.unit != component.unit:
        faults.append(Fault("/unit", f"{component.unit} is expected"))
    if new.first > today:
        faults.append(Fault("/first", "this day has not come yet"))
    if new.last is not None and (new.last < new.first or new.last > today):
        faults.append(Fault("/last", "before the first day, or not come yet"))
    if new.last is not None and new.component not in ORAL:
        faults.append(Fault("/last", "an infusion or fraction has one day"))
    if new.change != GIVEN and not new.reason:
        faults.append(Fault("/reason", "a change from the plan needs its reason"))
    if (new.dose > 0) == (new.change == OMITTED):
        faults.append(Fault("/dose", "above 0 where it was given, 0 where it was omitted"))
    return tuple(faults)
