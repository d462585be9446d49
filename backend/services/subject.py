"""Subjects: enrol under a number, and read what the actor may see."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical.facts import Value
from backend.clinical.milestones import MILESTONES, TELL_THE_ARM, status_of
from backend.clinical.rules import Ruleset
from backend.db import transaction
from backend.errors import Fault, Forbidden, InvalidInput, NotFound
from backend.models import subject as subjects
from backend.models.audit import AuditEntry, append
from backend.models.study import Study
from backend.models.subject import Milestone, Subject
from backend.services.baseline import BaselineLab, baseline_faults, read_baseline_labs
from backend.services.paging import Page, read_cursor, write_cursor
from backend.services.sample import Laboratory

__all__ = ["MILESTONES", "Enrolment", "SubjectView", "enrol_subject", "list_subjects"]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is known of a new subject."""

    site: str
    arm: str
    mrf: str
    zone: str
    language: str
    baseline: Mapping[str, Value]
    baseline_labs: tuple[BaselineLab, ...]


@dataclass(frozen=True, slots=True)
class SubjectView:
    """A subject as one actor may see it; `arm` None and milestones left out where blinded."""

    subject: Subject
    arm: str | None
    blinded: bool
    status: str
    milestones: tuple[Milestone, ...]


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
    sex = enrolment.baseline.get("sex")
    labs, lab_faults = read_baseline_labs(
        enrolment.baseline_labs,
        Laboratory(enrolment.site, sex if isinstance(sex, str) else None, study, ruleset),
        today=now.astimezone(ZoneInfo(enrolment.zone)).date(),
    )
    faults = (
        *_enrolment_faults(enrolment, study),
        *baseline_faults(enrolment.baseline, ruleset),
        *lab_faults,
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
            changes=(),
            enrolled_at=now,
            rev=0,
        )
        subjects.insert_subject(subject, session=session)
        append(
            AuditEntry(
                id=ids(),
                at=now,
                actor_id=actor.id,
                action="subject:enrol",
                target=f"subject/{subject.id}",
                site=subject.site,
                subject_id=subject.id,
                details={"study_version": study.version},
            ),
            session=session,
        )
        return subject

    return view_of(transaction(story), actor)


def read_subject(subject_id: str, *, actor: Actor) -> SubjectView:
    """Give one subject.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    return view_of(subject_for(subject_id, actor, Action.SUBJECT_READ), actor)


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


def subject_for(subject_id: str, actor: Actor, action: Action) -> Subject:
    """Give a subject to which the actor may do `action`.

    Raises:
        NotFound: there is none, or the actor may not even see it.
        Forbidden: the actor may see it, but not do this.
    """
    subject = subjects.find_subject(subject_id)
    if subject is None or not access.may(
        actor, Action.SUBJECT_READ, site=subject.site, subject_id=subject.id
    ):
        raise NotFound
    if not access.may(actor, action, site=subject.site, subject_id=subject.id):
        raise Forbidden
    return subject


def view_of(subject: Subject, actor: Actor) -> SubjectView:
    """Give what `actor` may see of a subject.

    The days of treatment tell the arm as well as the doses do: who may not read doses does not see
    them, but for the patient's own.
    """
    sees_arm = access.sees_arm(actor, subject.site, subject.id)
    sees_course = (
        sees_arm
        or access.may(actor, Action.EXPOSURE_READ, site=subject.site)
        or actor.subject_id == subject.id
    )
    return SubjectView(
        subject,
        arm=subject.arm if sees_arm else None,
        blinded=not sees_arm,
        status=status_of(subject.milestone_days),
        milestones=tuple(
            milestone
            for milestone in subject.milestones
            if sees_course or milestone.kind not in TELL_THE_ARM
        ),
    )


def _enrolment_faults(enrolment: Enrolment, study: Study) -> tuple[Fault, ...]:
    known = {
        "site": (enrolment.site, study.sites),
        "arm": (enrolment.arm, study.arms),
        "mrf": (enrolment.mrf, study.strata),
        "language": (enrolment.language, study.languages),
    }
    return tuple(
        Fault(f"/{field}", f"one of {', '.join(choices)} is expected")
        for field, (value, choices) in known.items()
        if value not in choices
    )
