"""Reading diaries and their assessments, within what the actor may see."""

from dataclasses import dataclass, fields

from backend import access
from backend.access import Action, Actor
from backend.errors import NotFound
from backend.models import diary as diaries
from backend.models.assessment import AssessmentRecord, assessment_of, find_assessment
from backend.models.diary import DiaryRecord
from backend.models.private_text import find_text, opened
from backend.models.subject import find_subject
from backend.services.paging import Page, read_cursor, write_cursor


@dataclass(frozen=True, slots=True)
class ReadDiary(DiaryRecord):
    """A diary with the patient's own words; `shredded`: they were here, and nobody can read them."""

    shredded: bool = False


def read_diary(diary_id: str, *, actor: Actor) -> ReadDiary:
    """Give one diary.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    diary = diaries.find_diary(diary_id)
    if diary is None or not access.may(
        actor, Action.DIARY_READ, site=diary.site, subject_id=diary.subject_id
    ):
        raise NotFound
    return _opened(diary)


def read_assessment(diary_id: str, *, actor: Actor) -> AssessmentRecord:
    """Give the assessment of one diary.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    return _readable(assessment_of(diary_id), actor)


def read_assessment_by_id(assessment_id: str, *, actor: Actor) -> AssessmentRecord:
    """Give one assessment, of a diary or of a laboratory report: what an alert points to.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    return _readable(find_assessment(assessment_id), actor)


def _opened(diary: DiaryRecord) -> ReadDiary:
    known = {field.name: getattr(diary, field.name) for field in fields(diary)}
    text = None if diary.private is None else find_text(diary.private)
    said = None if text is None else opened(text)
    if diary.private is None:
        return ReadDiary(**known)
    if said is None:
        return ReadDiary(**known, shredded=True)
    words = {name: said.get(name) for name in ("free_text", "amendment_reason")}
    return ReadDiary(**{**known, **words})


def _readable(assessment: AssessmentRecord | None, actor: Actor) -> AssessmentRecord:
    if assessment is None or not access.may(
        actor, Action.ASSESSMENT_READ, site=assessment.site, subject_id=assessment.subject_id
    ):
        raise NotFound
    return assessment


def list_diaries(
    subject_id: str, *, actor: Actor, limit: int, cursor: str | None
) -> Page[ReadDiary]:
    """Give a subject's diaries, newest day first.

    Raises:
        NotFound: there is no such subject, or not for this actor.
    """
    subject = find_subject(subject_id)
    if subject is None or not access.may(
        actor, Action.DIARY_READ, site=subject.site, subject_id=subject.id
    ):
        raise NotFound
    before = read_cursor(cursor, (str, int))
    rows = diaries.page(subject_id, limit + 1, before=before)
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    shown = tuple(_opened(row) for row in rows[:limit])
    return Page(shown, write_cursor((last.day.isoformat(), last.version)) if last else None)
