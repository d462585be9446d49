"""Adverse events for people: read one with its history, and judge it as a clinician."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical.adjudication import faults_of
from backend.clinical.catalogue import Term
from backend.db import transaction
from backend.errors import Forbidden, InvalidInput, NotFound, StaleRevision
from backend.models import adverse_event as events
from backend.models.adverse_event import Adjudication, AdverseEventRecord
from backend.models.audit import AuditEntry, append
from backend.models.study import Study

# Investigator to sponsor, from awareness (ICH E2A; safety rules, 8.1).
REPORT_WITHIN = dt.timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a clinician says of one course; `rev` is the version they were looking at."""

    rev: int
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


def read_adverse_event(event_id: str, *, actor: Actor) -> AdverseEventRecord:
    """Give one course with every provisional grade and every judgement.

    Raises:
        NotFound: there is none, or it is of another site.
    """
    event = events.find_adverse_event(event_id)
    if event is None or not access.may(actor, Action.ADVERSE_EVENT_READ, site=event.site):
        raise NotFound
    return event


def judge_adverse_event(
    event_id: str,
    judgement: Judgement,
    *,
    actor: Actor,
    study: Study,
    catalogue: Mapping[str, Term],
    now: dt.datetime,
    ids: Callable[[], str],
) -> AdverseEventRecord:
    """Add a clinician's judgement; the machine's grades and earlier judgements stay beside it.

    The first judgement as serious starts the 24-hour clock; a later one does not stop it.

    Raises:
        NotFound: there is none, or it is of another site.
        Forbidden: the role may look but not judge.
        InvalidInput: what is said does not fit together; one fault each.
        StaleRevision: the course changed since it was read.
    """
    read_adverse_event(event_id, actor=actor)

    def story(session: ClientSession) -> AdverseEventRecord:
        known = events.find_adverse_event(event_id, session=session)
        if known is None:
            raise NotFound
        role = _signing_role(actor, known.site)
        if known.rev != judgement.rev:
            raise StaleRevision
        made = _adjudication(judgement, study, catalogue, actor=actor, role=role, now=now, ids=ids)
        judged = replace(
            known,
            rev=known.rev + 1,
            adjudications=(*known.adjudications, made),
            report_by=known.report_by or (now + REPORT_WITHIN if made.serious else None),
        )
        if not events.replace_adverse_event(judged, session=session):
            raise StaleRevision
        append(
            AuditEntry(
                id=ids(),
                at=now,
                actor_id=actor.id,
                action="adverse_event:judge",
                target=f"adverse_event/{event_id}",
                site=known.site,
                subject_id=known.subject_id,
                details={"adjudication": made.id, "rev": judged.rev, "signed_as": role},
            ),
            session=session,
        )
        return judged

    return transaction(story)


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


def _adjudication(
    judgement: Judgement,
    study: Study,
    catalogue: Mapping[str, Term],
    *,
    actor: Actor,
    role: str,
    now: dt.datetime,
    ids: Callable[[], str],
) -> Adjudication:
    term = catalogue.get(judgement.term)
    faults = tuple(
        faults_of(
            term=term,
            grade=judgement.grade,
            seriousness=judgement.seriousness,
            outcome=judgement.outcome,
            onset=judgement.onset,
            end=judgement.end,
            # A day has come when it has come somewhere: the site may be ahead of UTC.
            today=(now + dt.timedelta(hours=14)).date(),
            components={
                "relations": _unknown(judgement.relations, study),
                "actions": _unknown(judgement.actions, study),
            },
        )
    )
    if faults or term is None:
        raise InvalidInput(faults=faults)
    return Adjudication(
        id=ids(),
        at=now,
        by=actor.id,
        signed_as=role,
        event_rev=judgement.rev,
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
    )


def _unknown(by_component: Mapping[str, str], study: Study) -> tuple[str, ...]:
    return tuple(name for name in by_component if name not in study.components)
