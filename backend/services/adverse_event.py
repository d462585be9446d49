"""Adverse events for people: read one with its history, record one, and judge one as a clinician."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical.adjudication import faults_of
from backend.clinical.catalogue import Term
from backend.db import transaction
from backend.errors import Fault, Forbidden, InvalidInput, NotFound, StaleRevision
from backend.models import adverse_event as events
from backend.models.adverse_event import Adjudication, AdverseEventRecord
from backend.models.audit import AuditEntry, append, changed, told
from backend.models.study import Study
from backend.services.sae import start_clock
from backend.services.subject import subject_for

# A day has come when it has come somewhere: the site may be ahead of UTC by this much.
_MOST_AHEAD = dt.timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a clinician says of one course; `rev` is the version they were looking at.

    `aware_at`: when the site learned of it; None: just now. `rev` None: there is no course yet.
    """

    term: str
    grade: int
    seriousness: tuple[str, ...]
    relations: Mapping[str, str]
    actions: Mapping[str, str]
    outcome: str
    special_interest: bool
    immune_related: bool
    onset: dt.date
    end: dt.date | None
    reason: str
    aware_at: dt.datetime | None
    rev: int | None = None


@dataclass(frozen=True, slots=True)
class Judging:
    """Who judges, by what, and when: the same for a new event and a known one."""

    actor: Actor
    study: Study
    catalogue: Mapping[str, Term]
    now: dt.datetime
    ids: Callable[[], str]


def read_adverse_event(event_id: str, *, actor: Actor) -> AdverseEventRecord:
    """Give one course with every provisional grade and every judgement.

    Raises:
        NotFound: there is none, or it is of another site.
    """
    event = events.find_adverse_event(event_id)
    if event is None or not access.may(actor, Action.ADVERSE_EVENT_READ, site=event.site):
        raise NotFound
    return event


def record_adverse_event(
    subject_id: str, judgement: Judgement, judging: Judging
) -> AdverseEventRecord:
    """Record an event that no diary or result has told of, such as a death, with its judgement.

    Raises:
        NotFound, Forbidden: not for this actor.
        InvalidInput: what is said does not fit together; one fault each.
    """
    subject = subject_for(subject_id, judging.actor, Action.ADVERSE_EVENT_JUDGE)
    made = _adjudication(judgement, judging, site=subject.site, rev=0)
    term = judging.catalogue[made.term]
    event = AdverseEventRecord(
        id=judging.ids(),
        subject_id=subject.id,
        site=subject.site,
        term=term.name,
        meddra_code=term.meddra_code,
        soc=term.soc,
        onset=made.onset,
        last_seen=made.onset,
        end=made.end,
        worst_grade=None,
        grades=(),
        flags=(),
        causes=(),
        recorded_at=judging.now,
        rev=0,
    )

    def story(session: ClientSession) -> AdverseEventRecord:
        judged = _clocked(event, made, judging, session)
        events.insert_adverse_event(judged, session=session)
        _audit(judged, None, made, judging, "adverse_event:record", session)
        return judged

    return transaction(story)


def judge_adverse_event(
    event_id: str, judgement: Judgement, judging: Judging
) -> AdverseEventRecord:
    """Add a clinician's judgement; the machine's grades and earlier judgements stay beside it.

    The first judgement as serious starts the 24-hour clock; a later one does not stop it.

    Raises:
        NotFound: there is none, or it is of another site.
        Forbidden: the role may look but not judge.
        InvalidInput: what is said does not fit together; one fault each.
        StaleRevision: the course changed since it was read.
    """
    read_adverse_event(event_id, actor=judging.actor)

    def story(session: ClientSession) -> AdverseEventRecord:
        known = events.find_adverse_event(event_id, session=session)
        if known is None:
            raise NotFound
        made = _adjudication(judgement, judging, site=known.site, rev=known.rev)
        if known.rev != judgement.rev:
            raise StaleRevision
        judged = _clocked(replace(known, rev=known.rev + 1), made, judging, session)
        if not events.replace_adverse_event(judged, session=session):
            raise StaleRevision
        before = known.adjudications[-1] if known.adjudications else None
        _audit(judged, before, made, judging, "adverse_event:judge", session)
        return judged

    return transaction(story)


def _clocked(
    event: AdverseEventRecord, made: Adjudication, judging: Judging, session: ClientSession
) -> AdverseEventRecord:
    return start_clock(
        event,
        made,
        actor=judging.actor,
        study=judging.study,
        now=judging.now,
        ids=judging.ids,
        session=session,
    )


_JUDGED = (
    "term",
    "grade",
    "seriousness",
    "relations",
    "actions",
    "outcome",
    "special_interest",
    "immune_related",
    "onset",
    "end",
    "aware_at",
)


def _audit(
    event: AdverseEventRecord,
    before: Adjudication | None,
    made: Adjudication,
    judging: Judging,
    action: str,
    session: ClientSession,
) -> None:
    append(
        AuditEntry(
            id=judging.ids(),
            at=judging.now,
            actor_id=judging.actor.id,
            action=action,
            target=f"adverse_event/{event.id}",
            site=event.site,
            subject_id=event.subject_id,
            details={"adjudication": made.id, "rev": event.rev, "signed_as": made.signed_as},
            reason=made.reason,
            changes=changed({} if before is None else told(before, *_JUDGED), told(made, *_JUDGED)),
        ),
        session=session,
    )


def _signing_role(actor: Actor, site: str) -> str:
    roles = [
        grant.role
        for grant in actor.grants
        if grant.role in access.PERMISSIONS[Action.ADVERSE_EVENT_JUDGE]
        and grant.site in (None, site)
    ]
    if not roles:
        raise Forbidden
    return access.Role.INVESTIGATOR if access.Role.INVESTIGATOR in roles else roles[0]


def _adjudication(judgement: Judgement, judging: Judging, *, site: str, rev: int) -> Adjudication:
    role = _signing_role(judging.actor, site)
    now = judging.now
    term = judging.catalogue.get(judgement.term)
    faults = list(
        faults_of(
            judgement,
            term=term,
            today=(now + _MOST_AHEAD).date(),
            components=judging.study.components,
        )
    )
    if judgement.aware_at is not None and judgement.aware_at > now:
        faults.append(Fault("/aware_at", "this time has not come yet"))
    if faults or term is None:
        raise InvalidInput(faults=tuple(faults))
    return Adjudication(
        id=judging.ids(),
        at=now,
        by=judging.actor.id,
        signed_as=role,
        event_rev=rev,
        term=term.name,
        meddra_code=term.meddra_code,
        grade=judgement.grade,
        seriousness=judgement.seriousness,
        relations=judgement.relations,
        actions=judgement.actions,
        outcome=judgement.outcome,
        special_interest=judgement.special_interest,
        immune_related=judgement.immune_related,
        onset=judgement.onset,
        end=judgement.end,
        reason=judgement.reason,
        aware_at=judgement.aware_at or now,
    )
