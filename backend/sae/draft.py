"""The draft of a report of a serious adverse event: what the data say, and what they do not.

The boxes follow the CIOMS form I (CIOMS Working Group I, 1990). Nothing is sent: a person completes,
signs and sends it.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from backend.access import Action, Actor
from backend.analysis.subjects import DoseTaken, doses_taken
from backend.clinical.adjudication import SERIOUSNESS
from backend.db import transaction
from backend.errors import Conflict
from backend.models.adverse_event import Adjudication, AdverseEventRecord
from backend.models.audit import AuditEntry, append
from backend.models.base import to_bson
from backend.models.exposure import exposures_of
from backend.models.lab import LabResult, results_of
from backend.models.study import Study
from backend.models.subject import Subject
from backend.services.adverse_event import read_adverse_event
from backend.services.subject import subject_for

# Results from so many days before the onset to so many after it are put beside the event (P).
LAB_DAYS = 14
NOT_IN_DATA = "not in the data"


@dataclass(frozen=True, slots=True)
class SuspectDrug:
    """One component of the treatment: what was given until the event, and what was judged of it.

    `first` and `last` are the days of the first and the last dose up to the end of the event; `doses`
    how many were given. `relation` and `action` are the clinician's words.
    """

    component: str
    name: str
    route: str
    plan: str
    first: dt.date | None
    last: dt.date | None
    doses: int
    last_dose: Decimal | None
    unit: str
    relation: str | None
    action: str | None
    days_to_onset: int | None


@dataclass(frozen=True, slots=True)
class RelevantResult:
    """One laboratory result near the event, as reported."""

    analyte: str
    day: dt.date
    value: Decimal
    unit: str
    lln: Decimal | None
    uln: Decimal | None


@dataclass(frozen=True, slots=True)
class SaeDraft:
    """One draft. `criteria` says of each of the six whether it was judged to hold.

    `missing` names every box that the data cannot fill; `earlier_judgements` how often it was judged
    before. The arm is not in it; the days of the doses can tell it to who knows the plan.
    """

    event_id: str
    event_rev: int
    drafted_at: dt.datetime
    study_id: str
    study_title: str
    site: str
    subject_id: str
    sex: str | None
    weight_kg: Decimal | None
    onset: dt.date
    end: dt.date | None
    term: str
    meddra_code: str
    soc: str
    clinician_grade: int
    provisional_grade: int | None
    criteria: Mapping[str, bool]
    outcome: str
    immune_related: bool
    special_interest: bool
    aware_at: dt.datetime
    report_by: dt.datetime
    first_report_at: dt.datetime | None
    reason: str
    signed_as: str
    judged_at: dt.datetime
    earlier_judgements: int
    drugs: tuple[SuspectDrug, ...]
    results: tuple[RelevantResult, ...]
    history: tuple[str, ...]
    flags: tuple[str, ...]
    candidate_causes: tuple[str, ...]
    missing: tuple[str, ...]


# What no field of this system holds; a person fills it in.
_NEVER = (
    "Patient initials and date of birth (pseudonymous by design)",
    "Age at onset",
    "Country",
    "Concomitant drugs and dates (histories are not collected here)",
    "Dechallenge and rechallenge, as the reporter judges them",
    "Expectedness (the sponsor's, by the reference safety information)",
    "Narrative",
    "Reporter's name and address",
    "Manufacturer's control number and date received",
)


def draft_sae(
    event_id: str,
    *,
    actor: Actor,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
) -> SaeDraft:
    """Draft the report of an event that was judged serious; who read it goes to the audit trail.

    Raises:
        NotFound, Forbidden: not for this actor.
        Conflict: no clinician has judged it serious.
    """
    event = read_adverse_event(event_id, actor=actor)
    judged = event.judged
    if judged is None or event.report_by is None:
        message = "Only an event that a clinician has judged serious has a report."
        raise Conflict(message)
    subject = subject_for(event.subject_id, actor, Action.ADVERSE_EVENT_READ)
    draft = _draft(event, judged, subject, study, now, event.report_by)
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action="adverse_event:draft",
        target=f"adverse_event/{event.id}",
        site=event.site,
        subject_id=event.subject_id,
        details={"event_rev": event.rev},
    )
    transaction(lambda session: append(entry, session=session))
    return draft


def _draft(
    event: AdverseEventRecord,
    judged: Adjudication,
    subject: Subject,
    study: Study,
    now: dt.datetime,
    report_by: dt.datetime,
) -> SaeDraft:
    stored = [to_bson(record) for record in exposures_of(subject.id)]
    until = judged.end or now.date()
    taken = [dose for dose in doses_taken(stored) if dose.first <= until]
    weight = subject.baseline.get("baseline_weight_kg")
    drugs = tuple(_drug(name, taken, judged, study) for name in study.components)
    results = tuple(
        RelevantResult(one.analyte, one.day, one.value, one.unit, one.lln, one.uln)
        for one in _near(subject.id, judged.onset, judged.end)
    )
    history = tuple(
        f"{name}: {value}" for name, value in sorted(subject.baseline.items()) if name != "sex"
    )
    missing = [
        *([] if subject.sex else ["Sex"]),
        *([] if isinstance(weight, Decimal) else ["Weight"]),
        *([] if results else [f"Laboratory results within {LAB_DAYS} days of the event"]),
        *(f"Doses of {drug.name}" for drug in drugs if not drug.doses),
        *([] if judged.end else ["Date of the end of the event"]),
        *_NEVER,
    ]
    return SaeDraft(
        event_id=event.id,
        event_rev=event.rev,
        drafted_at=now,
        study_id=study.id,
        study_title=study.title,
        site=event.site,
        subject_id=subject.id,
        sex=subject.sex,
        weight_kg=weight if isinstance(weight, Decimal) else None,
        onset=judged.onset,
        end=judged.end,
        term=judged.term,
        meddra_code=judged.meddra_code,
        soc=event.soc,
        clinician_grade=judged.grade,
        provisional_grade=event.worst_grade,
        criteria={name: name in judged.seriousness for name in SERIOUSNESS},
        outcome=judged.outcome,
        immune_related=judged.immune_related,
        special_interest=judged.special_interest,
        aware_at=judged.aware_at,
        report_by=report_by,
        first_report_at=min((report.sent_at for report in event.reports), default=None),
        reason=judged.reason,
        signed_as=judged.signed_as,
        judged_at=judged.at,
        earlier_judgements=len(event.adjudications) - 1,
        drugs=drugs,
        results=results,
        history=history,
        flags=event.flags,
        candidate_causes=event.causes,
        missing=tuple(missing),
    )


def _drug(name: str, taken: list[DoseTaken], judged: Adjudication, study: Study) -> SuspectDrug:
    component = study.components[name]
    own = [dose for dose in taken if dose.component == name]
    first = min((dose.first for dose in own), default=None)
    before = [dose.last or judged.onset for dose in own if dose.first <= judged.onset]
    return SuspectDrug(
        component=name,
        name=component.name,
        route=component.route,
        plan=component.plan,
        first=first,
        last=max((dose.last or judged.onset for dose in own), default=None),
        doses=len(own),
        last_dose=own[-1].dose if own else None,
        unit=component.unit,
        relation=judged.relations.get(name),
        action=judged.actions.get(name),
        # Of the last dose before the onset: it may have gone on until then.
        days_to_onset=(judged.onset - min(max(before), judged.onset)).days if before else None,
    )


def _near(subject_id: str, onset: dt.date, end: dt.date | None) -> tuple[LabResult, ...]:
    around = dt.timedelta(days=LAB_DAYS)
    return results_of(subject_id, onset - around, (end or onset) + around)
