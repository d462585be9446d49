"""Courses of adverse events: what one assessment adds to them, and what an amended diary takes back."""

from dataclasses import replace

from backend.clinical.episodes import Change, Course, follow, standing
from backend.clinical.flagging import Flag
from backend.clinical.grading import Grade
from backend.clinical.pipeline import Assessment
from backend.clinical.rules import Ruleset
from backend.errors import Conflict
from backend.models import adverse_event as events
from backend.models.adverse_event import AdverseEventRecord, GradeSeen
from backend.models.assessment import ids_of_sources
from backend.services.story import Story


def retract_grades(story: Story, assessment_id: str) -> None:
    """Let the grades of the diaries that this source replaces count no more; they stay to be read.

    Raises:
        Conflict: a course changed meanwhile; the story is told again.
    """
    if not story.source.replaces:
        return
    gone = ids_of_sources(story.source.replaces, session=story.session)
    for event in events.courses_graded_by(story.subject.id, gone, session=story.session):
        without = _without(event, gone, assessment_id)
        if not events.replace_adverse_event(without, session=story.session):
            raise Conflict


def _without(
    event: AdverseEventRecord, gone: frozenset[str], assessment_id: str
) -> AdverseEventRecord:
    seen = tuple(
        replace(grade, retracted_by=assessment_id)
        if grade.assessment_id in gone and grade.retracted_by is None
        else grade
        for grade in event.grades
    )
    course = standing(
        _course(event), [(grade.day, grade.grade) for grade in seen if grade.retracted_by is None]
    )
    if course is None:
        return replace(event, grades=seen, worst_grade=None, rev=event.rev + 1)
    return replace(
        event,
        grades=seen,
        onset=course.onset,
        last_seen=course.last_seen,
        end=course.end,
        worst_grade=course.worst_grade,
        rev=event.rev + 1,
    )


def follow_courses(story: Story, assessment_id: str, assessment: Assessment) -> None:
    """Let each grade of one assessment open, extend, worsen, reopen or end a course of its term.

    Raises:
        Conflict: a course changed meanwhile; the story is told again.
    """
    graded = {grade.term: grade for grade in assessment.grades if grade.grade is not None}
    known = events.courses_of(story.subject.id, graded.keys(), session=story.session)
    written: dict[bool, list[AdverseEventRecord]] = {True: [], False: []}
    for term, grade in graded.items():
        courses = {event.id: event for event in known if event.term == term and event.counts}
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
    return Course(event.id, event.onset, event.last_seen, event.worst_grade or 0, event.end)


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
