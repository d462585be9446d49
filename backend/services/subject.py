"""Subjects: enrol under a number, correct the baseline with a reason, record milestones."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical.facts import LabValue, fault_of
from backend.clinical.rules import Ruleset
from backend.db import transaction
from backend.errors import Conflict, Fault, Forbidden, InvalidInput, NotFound, StaleRevision
from backend.models import subject as subjects
from backend.models.audit import AuditEntry, append
from backend.models.study import Study
from backend.models.subject import BaselineChange, Milestone, Subject
from backend.services.paging import Page, read_cursor, write_cursor

MILESTONES = (
    "randomised",
    "first_dose",
    "radiotherapy_start",
    "radiotherapy_end",
    "efficacy_assessment",
    "surgery",
    "local_excision",
    "watch_and_wait",
    "last_treatment",
    "off_study",
)
# Pairs that can only happen in this order, or on the same day.
_BEFORE = (
    ("randomised", "first_dose"),
    ("randomised", "radiotherapy_start"),
    ("radiotherapy_start", "radiotherapy_end"),
    ("first_dose", "last_treatment"),
    ("radiotherapy_start", "last_treatment"),
    ("randomised", "off_study"),
)


@dataclass(frozen=True, slots=True)
class BaselineLab:
    """One laboratory result before treatment, as the laboratory reported it."""

    analyte: str
    value: Decimal
    unit: str
    lln: Decimal | None
    uln: Decimal | None
    collected_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is known of a new subject."""

    site: str
    arm: str
    mrf: str
    zone: str
    language: str
    baseline: Mapping[str, Decimal]
    baseline_labs: tuple[BaselineLab, ...]


@dataclass(frozen=True, slots=True)
class SubjectView:
    """A subject as one actor may see it; `arm` None where it is blinded."""

    subject: Subject
    arm: str | None
    blinded: bool


def enrol_subject(
    enrolment: Enrolment,
    *,
    actor: Actor,
    study: Study,
    ruleset: Ruleset,
    now: dt.datetime,
    ids: Callable[[], str],
) -> SubjectView:
    """Enrol one subject under the site's next number.

    Raises:
        Forbidden: the actor may not enrol at this site.
        InvalidInput: unknown site, arm, stratum, language or baseline value; one fault each.
    """
    if not access.may(actor, Action.SUBJECT_ENROL, site=enrolment.site):
        raise Forbidden
    labs, faults = _read_labs(enrolment.baseline_labs, study, ruleset, enrolment.site)
    faults = (
        *_enrolment_faults(enrolment, study),
        *_baseline_faults(enrolment.baseline, ruleset),
        *faults,
    )
    if faults:
        raise InvalidInput(faults=faults)

    def story(session: ClientSession) -> Subject:
        number = subjects.next_number(enrolment.site, session=session)
        subject = Subject(
            id=f"{enrolment.site}-{number:04d}",
            study_id=study.id,
            study_version=study.version,
            site=enrolment.site,
            arm=enrolment.arm,
            mrf=enrolment.mrf,
            zone=enrolment.zone,
            language=enrolment.language,
            baseline=enrolment.baseline,
            baseline_labs=labs,
            milestones=(),
            baseline_changes=(),
            enrolled_at=now,
            rev=0,
        )
        subjects.insert_subject(subject, session=session)
        _audit("subject:enrol", subject, {}, actor=actor, now=now, ids=ids, session=session)
        return subject

    return view_of(transaction(story), actor)


def read_subject(subject_id: str, *, actor: Actor) -> SubjectView:
    """Give one subject.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    return view_of(_visible(subject_id, actor), actor)


def list_subjects(*, actor: Actor, limit: int, cursor: str | None) -> Page[SubjectView]:
    """Give the subjects that the actor may see, by number."""
    after = read_cursor(cursor, (str,))
    scope = access.scope(actor, Action.SUBJECT_READ)
    if scope.subject_id is not None:
        return Page((read_subject(scope.subject_id, actor=actor),), None)
    rows = subjects.page(scope.sites, limit + 1, after=after[0] if after else None)
    more = len(rows) > limit
    return Page(
        tuple(view_of(row, actor) for row in rows[:limit]),
        write_cursor((rows[limit - 1].id,)) if more else None,
    )


def correct_baseline(
    subject_id: str,
    baseline: Mapping[str, Decimal],
    *,
    reason: str,
    rev: int,
    actor: Actor,
    ruleset: Ruleset,
    now: dt.datetime,
    ids: Callable[[], str],
) -> SubjectView:
    """Add to or correct the baseline; what it was before is kept with the reason.

    Raises:
        NotFound, Forbidden: not for this actor.
        InvalidInput: an unknown baseline value, or one out of its range.
        StaleRevision: somebody was quicker.
    """
    faults = tuple(_baseline_faults(baseline, ruleset))
    if faults:
        raise InvalidInput(faults=faults)

    def change(subject: Subject) -> Subject:
        earlier = {name: value for name, value in subject.baseline.items() if name in baseline}
        return replace(
            subject,
            baseline={**subject.baseline, **baseline},
            baseline_changes=(
                *subject.baseline_changes,
                BaselineChange(now, actor.id, reason, earlier),
            ),
        )

    details = {"changed": sorted(baseline), "reason": reason}
    return _change(
        subject_id, change, rev, "subject:baseline", details, actor=actor, now=now, ids=ids
    )


def record_milestone(
    subject_id: str,
    kind: str,
    on: dt.date,
    *,
    rev: int,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> SubjectView:
    """Record one milestone of the trial's course.

    Raises:
        NotFound, Forbidden: not for this actor.
        InvalidInput: a day that has not come, or out of order.
        Conflict: it is recorded already.
        StaleRevision: somebody was quicker.
    """

    def change(subject: Subject) -> Subject:
        days = {milestone.kind: milestone.on for milestone in subject.milestones}
        if kind in days:
            message = "this milestone is recorded already"
            raise Conflict(message)
        if on > now.astimezone(ZoneInfo(subject.zone)).date():
            raise InvalidInput(faults=(Fault("/on", "this day has not come yet"),))
        days[kind] = on
        for first, second in _BEFORE:
            if first in days and second in days and days[first] > days[second]:
                raise InvalidInput(faults=(Fault("/on", f"{second} is before {first}"),))
        made = Milestone(kind, on, now, actor.id)
        return replace(subject, milestones=(*subject.milestones, made))

    return _change(
        subject_id, change, rev, "subject:milestone", {"kind": kind}, actor=actor, now=now, ids=ids
    )


def subject_for(subject_id: str, actor: Actor, action: Action) -> Subject:
    """Give a subject to which the actor may do `action`.

    Raises:
        NotFound: there is none, or the actor may not even see it.
        Forbidden: the actor may see it, but not do this.
    """
    subject = _visible(subject_id, actor)
    if not access.may(actor, action, site=subject.site, subject_id=subject.id):
        raise Forbidden
    return subject


def view_of(subject: Subject, actor: Actor) -> SubjectView:
    """Give what `actor` may see of a subject."""
    seen = access.sees_arm(actor, subject.site)
    return SubjectView(subject, subject.arm if seen else None, blinded=not seen)


def _visible(subject_id: str, actor: Actor) -> Subject:
    subject = subjects.find_subject(subject_id)
    if subject is None or not access.may(
        actor, Action.SUBJECT_READ, site=subject.site, subject_id=subject.id
    ):
        raise NotFound
    return subject


def _change(
    subject_id: str,
    change: Callable[[Subject], Subject],
    rev: int,
    action: str,
    details: Mapping[str, object],
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> SubjectView:
    subject_for(subject_id, actor, Action.SUBJECT_UPDATE)

    def story(session: ClientSession) -> Subject:
        known = subjects.find_subject(subject_id, session=session)
        if known is None or known.rev != rev:
            raise StaleRevision
        changed = replace(change(known), rev=rev + 1)
        if not subjects.replace_subject(changed, session=session):
            raise StaleRevision
        _audit(action, changed, details, actor=actor, now=now, ids=ids, session=session)
        return changed

    return view_of(transaction(story), actor)


def _audit(
    action: str,
    subject: Subject,
    details: Mapping[str, object],
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
    session: ClientSession,
) -> None:
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action=action,
        target=f"subject/{subject.id}",
        site=subject.site,
        subject_id=subject.id,
        details=details,
    )
    append(entry, session=session)


def _enrolment_faults(enrolment: Enrolment, study: Study) -> tuple[Fault, ...]:
    known = {
        "site": study.sites,
        "arm": study.arms,
        "mrf": study.strata,
        "language": study.languages,
    }
    return tuple(
        Fault(f"/{field}", "not in this study's configuration")
        for field, choices in known.items()
        if getattr(enrolment, field) not in choices
    )


def _baseline_faults(baseline: Mapping[str, Decimal], ruleset: Ruleset) -> tuple[Fault, ...]:
    faults = []
    for name, value in baseline.items():
        declared = ruleset.facts.get(name)
        if declared is None or declared.group != "baseline":
            faults.append(Fault(f"/baseline/{name}", "unknown baseline value"))
        elif fault := fault_of(declared, value):
            faults.append(Fault(f"/baseline/{name}", fault))
    return tuple(faults)


def _read_labs(
    labs: tuple[BaselineLab, ...], study: Study, ruleset: Ruleset, site: str
) -> tuple[dict[str, LabValue], tuple[Fault, ...]]:
    found: dict[str, LabValue] = {}
    faults = []
    for index, lab in enumerate(labs):
        analyte = ruleset.units.analyte(lab.analyte)
        meanings = ruleset.units.meanings(lab.unit)
        if analyte is None:
            faults.append(Fault(f"/baseline_labs/{index}/analyte", "unknown analyte"))
        if not meanings:
            faults.append(Fault(f"/baseline_labs/{index}/unit", "unknown unit"))
        if analyte is not None and meanings:
            usual = next(
                (r for unit in sorted(meanings) if (r := study.range_for(site, analyte, unit))),
                None,
            )
            found[analyte] = LabValue(
                lab.value,
                lab.unit,
                lab.lln if lab.lln is not None or usual is None else usual.lln,
                lab.uln if lab.uln is not None or usual is None else usual.uln,
                collected_on=lab.collected_on,
            )
    return found, tuple(faults)
