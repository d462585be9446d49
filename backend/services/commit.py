"""The commit: assessment, adverse events, alerts, owed messages and audit, in one transaction."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession

from backend.access import Actor
from backend.clinical.alerting import HOLD, Decision
from backend.clinical.episodes import Change, Course, follow
from backend.clinical.flagging import Flag
from backend.clinical.grading import Grade
from backend.clinical.pipeline import Assessment
from backend.clinical.rules import Ruleset
from backend.errors import Conflict
from backend.models import adverse_event as events
from backend.models.adverse_event import AdverseEventRecord, GradeSeen
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
from backend.models.study import Study
from backend.models.subject import Subject
from backend.services.assessment import KnownFacts, Source
from backend.services.routing import owe_messages


@dataclass(frozen=True, slots=True)
class Story:
    """What every write of one commit shares."""

    subject: Subject
    source: Source
    actor: Actor
    study: Study
    ruleset: Ruleset
    ids: Callable[[], str]
    session: ClientSession

    @property
    def at(self) -> dt.datetime:
        """Give the one time of this commit."""
        return self.source.at


def commit(
    story: Story, known: KnownFacts, assessment: Assessment, decisions: Iterable[Decision]
) -> None:
    """Write everything that follows from one source; the caller's transaction makes it visible."""
    assessment_id = story.ids()
    insert_assessment(_stored(story, assessment_id, known, assessment), session=story.session)
    _follow_courses(story, assessment_id, assessment)
    flags = {flag.id: flag for flag in assessment.flags}
    for decision in decisions:
        _ring(story, assessment_id, decision, flags[decision.flag_id])
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


def _follow_courses(story: Story, assessment_id: str, assessment: Assessment) -> None:
    graded = {grade.term: grade for grade in assessment.grades if grade.grade is not None}
    known = events.courses_of(story.subject.id, graded.keys(), session=story.session)
    written: dict[bool, list[AdverseEventRecord]] = {True: [], False: []}
    for term, grade in graded.items():
        courses = {event.id: event for event in known if event.term == term}
        followed = follow(
            (_course(event) for event in courses.values()),
            grade=grade.grade,
            day=story.source.day,
            gap_days=story.study.gap_days,
            new_id=story.ids(),
        )
        if followed.change is Change.NONE or followed.course is None:
            continue
        event = _event(
            story,
            grade,
            followed.course,
            known=courses.get(followed.course.id),
            assessment_id=assessment_id,
            flags=[flag for flag in assessment.flags if _is_about(flag, grade, story.ruleset)],
        )
        written[followed.change is Change.OPEN].append(event)
    if not events.write_courses(written[True], written[False], session=story.session):
        raise Conflict


def _course(event: AdverseEventRecord) -> Course:
    return Course(event.id, event.onset, event.last_seen, event.worst_grade, event.end)


def _is_about(flag: Flag, grade: Grade, ruleset: Ruleset) -> bool:
    """Tell whether flag and grade read the same answer, measurement or result."""
    read = {
        f"lab:{declared.analyte}" if (declared := ruleset.facts[name]).analyte else name
        for name in flag.inputs
    }
    return not read.isdisjoint(grade.inputs)


def _event(
    story: Story,
    grade: Grade,
    course: Course,
    *,
    known: AdverseEventRecord | None,
    assessment_id: str,
    flags: list[Flag],
) -> AdverseEventRecord:
    seen = GradeSeen(story.source.day, grade.grade or 0, grade.at_most, assessment_id)
    causes = [cause.component for flag in flags for cause in flag.causes]
    known = known or AdverseEventRecord(
        id=course.id,
        subject_id=story.subject.id,
        site=story.subject.site,
        term=grade.term,
        meddra_code=grade.meddra_code,
        soc=grade.soc,
        onset=course.onset,
        last_seen=course.last_seen,
        worst_grade=course.worst_grade,
        grades=(),
        flags=(),
        causes=(),
        recorded_at=story.at,
        rev=-1,
    )
    return replace(
        known,
        onset=course.onset,
        last_seen=course.last_seen,
        end=course.end,
        worst_grade=course.worst_grade,
        grades=(seen,),
        flags=tuple(dict.fromkeys([*known.flags, *(flag.id for flag in flags)])),
        # The newest ranking leads; an older candidate is kept behind it, never dropped.
        causes=tuple(dict.fromkeys([*causes, *known.causes])),
        rev=known.rev + 1,
    )


def _ring(story: Story, assessment_id: str, decision: Decision, flag: Flag) -> None:
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
    if decision.kind != HOLD and story.ruleset.policies[alert.tier].push:
        owe_messages(alert, at=story.at, ids=story.ids, session=story.session)


def _answer_by(story: Story, decision: Decision) -> dt.datetime:
    return story.at + story.ruleset.policies[decision.tier].acknowledge_within


def _new_alert(story: Story, assessment_id: str, decision: Decision, flag: Flag) -> AlertRecord:
    return AlertRecord(
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
    )


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
    return replace(
        noted,
        tier=decision.tier,
        tier_rank=TIER_RANK[decision.tier],
        state="new",
        reason=flag.reason,
        rung_at=story.at,
        acknowledge_by=_answer_by(story, decision),
        acknowledged_at=None,
        acknowledged_by=None,
    )
