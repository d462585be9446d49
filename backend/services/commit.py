"""The commit: assessment, adverse events, alerts, owed messages and audit, in one transaction."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from backend.clinical.alerting import HOLD, Decision
from backend.clinical.flagging import Flag
from backend.clinical.pipeline import Assessment
from backend.errors import Conflict
from backend.models.alert import (
    TIER_RANK,
    AlertRecord,
    AlertStep,
    find_alert,
    insert_alert,
    replace_alert,
)
from backend.models.assessment import AssessmentRecord, insert_assessment
from backend.models.audit import AuditEntry, append
from backend.models.base import to_bson
from backend.services.assessment import KnownFacts
from backend.services.courses import follow_courses, retract_grades
from backend.services.escalation import followed
from backend.services.routing import Call, ring
from backend.services.story import Story
from backend.services.suppression import suppress


def commit(
    story: Story, known: KnownFacts, assessment: Assessment, decisions: Iterable[Decision]
) -> None:
    """Write everything that follows from one source; the caller's transaction makes it visible."""
    assessment_id = story.ids()
    insert_assessment(_stored(story, assessment_id, known, assessment), session=story.session)
    retract_grades(story, assessment_id)
    follow_courses(story, assessment_id, assessment)
    flags = {flag.id: flag for flag in assessment.flags}
    written = (_ring(story, assessment_id, each, flags[each.flag_id]) for each in decisions)
    _ring_once(story, [alert for alert in written if alert is not None])
    append(
        AuditEntry(
            id=story.ids(),
            at=story.at,
            actor_id=story.actor.id,
            action=f"{story.source.kind}:record",
            target=f"{story.source.kind}/{story.source.id}",
            site=story.subject.site,
            subject_id=story.subject.id,
            details={"assessment": assessment_id, "ruleset": assessment.ruleset_version},
        ),
        session=story.session,
    )


def _stored(
    story: Story, assessment_id: str, known: KnownFacts, assessment: Assessment
) -> AssessmentRecord:
    return AssessmentRecord(
        id=assessment_id,
        subject_id=story.subject.id,
        site=story.subject.site,
        source_kind=story.source.kind,
        source_id=story.source.id,
        day=story.source.day,
        at=story.at,
        ruleset_version=assessment.ruleset_version,
        study_version=story.study.version,
        tier=assessment.tier,
        irae=to_bson(assessment.irae),
        scores=tuple(to_bson(score) for score in assessment.scores),
        grades=tuple(to_bson(grade) for grade in assessment.grades),
        flags=tuple({**to_bson(flag), "id": flag.id} for flag in assessment.flags),
        questions=tuple(to_bson(question) for question in assessment.questions),
        facts=to_bson(known.facts),
        news=tuple(sorted(known.news)),
    )


def _ring(story: Story, assessment_id: str, decision: Decision, flag: Flag) -> AlertRecord | None:
    """Write one alert; give it where it is to be rung."""
    if decision.alert_id is None:
        alert = _new_alert(story, assessment_id, decision, flag)
        insert_alert(alert, session=story.session)
    else:
        known = find_alert(decision.alert_id, session=story.session)
        if known is None:
            raise Conflict
        alert = _noted(story, known, assessment_id, decision, flag)
        if not replace_alert(alert, session=story.session):
            raise Conflict
    return None if decision.kind == HOLD or alert.suppressed else alert


def _ring_once(story: Story, alerts: Iterable[AlertRecord]) -> None:
    """Ring for the one that heads the work list: the patient's others are seen beside it."""
    first = min(
        alerts, key=lambda alert: (alert.tier_rank, alert.raised_at, alert.id), default=None
    )
    step = None if first is None else story.study.alerts.policies[first.tier].step(0)
    if first is not None and step is not None:
        call = Call("alert", step.to, story.at)
        ring(first, call, study=story.study, ids=story.ids, session=story.session)


def _answer_by(story: Story, decision: Decision) -> dt.datetime:
    return story.at + story.ruleset.policies[decision.tier].acknowledge_within


def _new_alert(story: Story, assessment_id: str, decision: Decision, flag: Flag) -> AlertRecord:
    alert = AlertRecord(
        id=story.ids(),
        subject_id=story.subject.id,
        site=story.subject.site,
        flag_id=flag.id,
        tier=decision.tier,
        tier_rank=TIER_RANK[decision.tier],
        state="new",
        title=flag.title["en"],
        reason=flag.reason,
        assessment_ids=(assessment_id,),
        raised_at=story.at,
        rung_at=story.at,
        acknowledge_by=_answer_by(story, decision),
        steps=(AlertStep(story.at, "raised", story.actor.id, decision.reason),),
        rev=0,
        open_key=f"{story.subject.id}/{flag.id}",
        rule_version=flag.rule_version,
    )
    return followed(suppress(alert, session=story.session), story.study)


def _noted(
    story: Story, known: AlertRecord, assessment_id: str, decision: Decision, flag: Flag
) -> AlertRecord:
    """Give the open alert with what is new: a repeat asks to be answered anew, a hold only adds."""
    step = AlertStep(story.at, decision.kind, story.actor.id, decision.reason)
    noted = replace(
        known,
        rev=known.rev + 1,
        assessment_ids=(*known.assessment_ids, assessment_id),
        steps=(*known.steps, step),
    )
    if decision.kind == HOLD:
        return noted
    worse = replace(
        noted,
        tier=decision.tier,
        tier_rank=TIER_RANK[decision.tier],
        state="new",
        reason=flag.reason,
        rung_at=story.at,
        acknowledge_by=_answer_by(story, decision),
        acknowledged_at=None,
        acknowledged_by=None,
        snoozed_until=None,
    )
    return followed(suppress(worse, session=story.session), story.study)
