"""What changes of a subject: corrections with their reason, milestones; the earlier state stays."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession

from backend.access import Action, Actor
from backend.clinical.facts import Value
from backend.clinical.milestones import order_fault
from backend.clinical.rules import Ruleset
from backend.db import transaction
from backend.errors import Conflict, Fault, InvalidInput, StaleRevision
from backend.models import subject as subjects
from backend.models.audit import AuditEntry, append, changed
from backend.models.base import to_bson
from backend.models.study import Study
from backend.models.subject import Milestone, Subject, SubjectChange
from backend.services.baseline import BaselineLab, baseline_faults, read_baseline_labs
from backend.services.sample import Laboratory
from backend.services.subject import SubjectView, subject_for, view_of


@dataclass(frozen=True, slots=True)
class Correction:
    """What is added or corrected, and why; None and empty parts stay as they are."""

    rev: int
    reason: str
    baseline: Mapping[str, Value]
    baseline_labs: tuple[BaselineLab, ...]
    zone: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class NewMilestone:
    """One milestone as entered; with a `reason` it may correct one that is recorded already."""

    rev: int
    kind: str
    on: dt.date
    reason: str | None


def correct_subject(
    subject_id: str,
    correction: Correction,
    *,
    actor: Actor,
    study: Study,
    ruleset: Ruleset,
    now: dt.datetime,
    ids: Callable[[], str],
) -> SubjectView:
    """Add to or correct baseline, zone or language; what it was before is kept with the reason.

    A new zone counts from now on: days that were recorded stay the days they were.

    Raises:
        NotFound, Forbidden: not for this actor.
        InvalidInput: an unknown value, language or unit, or one out of its range; one fault each.
        StaleRevision: somebody was quicker.
    """
    subject = subject_for(subject_id, actor, Action.SUBJECT_UPDATE)
    sex = correction.baseline.get("sex", subject.sex)
    labs, faults = read_baseline_labs(
        correction.baseline_labs,
        Laboratory(subject.site, sex if isinstance(sex, str) else None, study, ruleset),
        today=now.astimezone(ZoneInfo(subject.zone)).date(),
    )
    faults = (*baseline_faults(correction.baseline, ruleset), *faults)
    if correction.language is not None and correction.language not in study.languages:
        known = ", ".join(study.languages)
        faults = (*faults, Fault("/language", f"one of {known} is expected"))
    if faults:
        raise InvalidInput(faults=faults)
    plain = {"zone": correction.zone, "language": correction.language}
    told = {name: value for name, value in plain.items() if value is not None}

    def change(known: Subject) -> Subject:
        earlier = {
            name: known.baseline[name] for name in correction.baseline.keys() & known.baseline
        }
        made = SubjectChange(
            at=now,
            by=actor.id,
            reason=correction.reason,
            earlier={**earlier, **{name: getattr(known, name) for name in told}},
            earlier_labs={
                name: known.baseline_labs[name] for name in labs.keys() & known.baseline_labs
            },
        )
        return replace(
            known,
            baseline={**known.baseline, **correction.baseline},
            baseline_labs={**known.baseline_labs, **labs},
            changes=(*known.changes, made),
            zone=correction.zone or known.zone,
            language=correction.language or known.language,
        )

    names = sorted([*correction.baseline, *labs, *told])
    what = What("subject:correct", tuple(names), correction.reason)
    return _change(subject, change, correction.rev, what, actor=actor, now=now, ids=ids)


def record_milestone(
    subject_id: str,
    new: NewMilestone,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> SubjectView:
    """Record one milestone of the trial's course, or correct its day with a reason.

    Raises:
        NotFound, Forbidden: not for this actor.
        InvalidInput: a day that has not come, or out of order.
        Conflict: it is recorded already, and no reason is given for another day.
        StaleRevision: somebody was quicker.
    """
    subject = subject_for(subject_id, actor, Action.SUBJECT_UPDATE)

    def change(known: Subject) -> Subject:
        days = known.milestone_days
        if new.kind in days and new.reason is None:
            message = "This milestone is recorded already; a correction needs its reason."
            raise Conflict(message)
        if new.on > now.astimezone(ZoneInfo(known.zone)).date():
            raise InvalidInput(faults=(Fault("/on", "this day has not come yet"),))
        if detail := order_fault({**days, new.kind: new.on}):
            raise InvalidInput(faults=(Fault("/on", detail),))
        made = Milestone(new.kind, new.on, now, actor.id, new.reason)
        return replace(known, milestones=(*known.milestones, made))

    what = What("subject:milestone", (new.kind,), new.reason)
    return _change(subject, change, new.rev, what, actor=actor, now=now, ids=ids)


@dataclass(frozen=True, slots=True)
class What:
    """What the trail says of a change: the action, the names of what changed, and why."""

    action: str
    names: tuple[str, ...]
    reason: str | None


def _values(subject: Subject) -> dict[str, object]:
    return {
        "zone": subject.zone,
        "language": subject.language,
        **subject.baseline,
        **{f"baseline {name}": to_bson(lab) for name, lab in subject.baseline_labs.items()},
        **{kind: day.isoformat() for kind, day in subject.milestone_days.items()},
    }


def _change(
    subject: Subject,
    change: Callable[[Subject], Subject],
    rev: int,
    what: What,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
) -> SubjectView:
    def story(session: ClientSession) -> Subject:
        known = subjects.find_subject(subject.id, session=session)
        if known is None or known.rev != rev:
            raise StaleRevision
        following = replace(change(known), rev=rev + 1)
        if not subjects.replace_subject(following, session=session):
            raise StaleRevision
        append(
            AuditEntry(
                id=ids(),
                at=now,
                actor_id=actor.id,
                action=what.action,
                target=f"subject/{subject.id}",
                site=subject.site,
                subject_id=subject.id,
                # Names for everybody who reads the trail; values and reason for who may read them.
                details={"changed": list(what.names), "rev": following.rev},
                reason=what.reason,
                changes=changed(_values(known), _values(following)),
            ),
            session=session,
        )
        return following

    return view_of(transaction(story), actor)
