"""A diary, from the phone's submission to the receipt: one function tells the whole story."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Action, Actor
from backend.clinical import windows
from backend.clinical.alerting import decide_alerts
from backend.clinical.bodymap import BodyMark
from backend.clinical.facts import SAID_AT_HOME
from backend.clinical.intake import Intake, Raw, SymptomEntry, VitalEntry, read_diary
from backend.clinical.pipeline import Assessment
from backend.clinical.rules import Ruleset
from backend.db import transaction
from backend.errors import Conflict, Fault, Forbidden, InvalidInput, NotFound
from backend.models import diary as diaries
from backend.models.diary import DiaryRecord
from backend.models.lock import lock_subject
from backend.models.private_text import PrivateText, find_text, opened, sealed_text
from backend.models.study import Study
from backend.models.subject import Subject, find_subject
from backend.services.assessment import Source, assess_news, known_alerts, load_facts
from backend.services.commit import commit
from backend.services.diary_plan import note_diary
from backend.services.private_text import keep_private
from backend.services.story import Story
from backend.services.subject import subject_for
from backend.vault import SealedForGoodError

# A phone that asks too much is put away (P); the assessment names every open question.
MOST_QUESTIONS = 5

__all__ = ["Amendment", "Receipt", "Submission", "SymptomEntry", "VitalEntry", "record_diary"]


@dataclass(frozen=True, slots=True)
class Amendment:
    """Which earlier submission is corrected, and why."""

    submission_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A diary as the phone sent it; `payload` is its body as canonical JSON text, but for words.

    `content_sha256` is of the payload: a digest of words would let whoever guesses them be sure, also
    when they are shredded. `whole_sha256` is of the whole body, as earlier releases kept it. `unread` is
    what this version does not know, as JSON.
    """

    submission_id: str
    day: dt.date
    reported_at: dt.datetime
    sent_at: dt.datetime | None
    zone: str
    symptoms: tuple[SymptomEntry, ...]
    observations: Mapping[str, Raw]
    vitals: tuple[VitalEntry, ...]
    free_text: str | None
    amends: Amendment | None
    unread_fields: tuple[str, ...]
    payload: str
    content_sha256: str
    whole_sha256: str
    unread: str | None = None
    body_map: tuple[BodyMark, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of storage, and the patient's next step, in the patient's language."""

    submission_id: str
    diary_id: str
    subject_id: str
    day: dt.date
    version: int
    received_at: dt.datetime
    marks: tuple[str, ...]
    unread_fields: tuple[str, ...]
    next_step: Mapping[str, str]
    questions: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Taking:
    """Who takes a diary, by which rules and study, and when."""

    actor: Actor
    ruleset: Ruleset
    study: Study
    now: dt.datetime
    ids: Callable[[], str]


def record_diary(
    submission: Submission,
    *,
    actor: Actor,
    ruleset: Ruleset,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
) -> Receipt:
    """Take one diary: all that follows from it becomes visible together with it, or nothing does.

    A repeat of the same submission gets the first receipt and changes nothing.

    Raises:
        Forbidden: the actor is no patient.
        NotFound: the subject is not there, or what it amends is not.
        InvalidInput: the content cannot be read; one fault each.
        Conflict: the submission id was used for another body.
    """
    if actor.subject_id is None:
        raise Forbidden
    taking = Taking(actor, ruleset, study, now, ids)
    return _record(_own_subject(actor, actor.subject_id), submission, taking)


def enter_call(subject_id: str, submission: Submission, taking: Taking) -> Receipt:
    """Take what a patient said on the telephone instead of a diary, entered by who called.

    It is told as every diary is, and marked as entered by staff.

    Raises:
        NotFound, Forbidden: not for this actor.
        InvalidInput, Conflict: as for a diary.
    """
    subject = subject_for(subject_id, taking.actor, Action.DIARY_ENTER)
    return _record(subject, submission, taking)


def _record(subject: Subject, submission: Submission, taking: Taking) -> Receipt:
    actor, ruleset, study, now, ids = (
        taking.actor,
        taking.ruleset,
        taking.study,
        taking.now,
        taking.ids,
    )
    intake = read_diary(
        submission.symptoms,
        submission.observations,
        submission.vitals,
        ruleset,
        submission.body_map,
    )

    text = _sealed(submission, subject, now)

    def story(session: ClientSession) -> Receipt:
        lock_subject(subject.id, session=session)
        receipt = find_receipt(submission, subject, ruleset, session=session)
        if receipt is not None:
            return receipt
        diary, replaced = _entered(
            submission, intake, subject, actor=actor, now=now, ids=ids, session=session
        )
        source = Source("diary", diary.id, diary.day, now, replaced)
        known = load_facts(subject, source, intake, ruleset, session=session)
        assessment = assess_news(known, ruleset)
        decisions = decide_alerts(assessment.flags, known_alerts(subject, session=session), now=now)
        diary = _answered(diary, assessment, ruleset)
        diaries.insert_diary(diary, session=session)
        if text is not None:
            keep_private(text, session=session)
        note_diary(subject.id, diary.day, diary.id, at=now, session=session)
        told = Story(subject, source, actor, study, ruleset, ids, session)
        commit(told, known, assessment, decisions)
        return _receipt(diary, subject, ruleset)

    return transaction(story)


def find_receipt(
    submission: Submission, subject: Subject, ruleset: Ruleset, *, session: ClientSession
) -> Receipt | None:
    """Give the receipt that the same submission got before; None when it is new.

    Raises:
        Conflict: the id was used for another body.
    """
    known = diaries.find_submission(subject.id, submission.submission_id, session=session)
    if known is None:
        return None
    if not _is_same(known, submission, session):
        message = "This submission_id was used for another diary; amend that one instead."
        raise Conflict(message)
    return _receipt(known, subject, ruleset)


def _is_same(known: DiaryRecord, submission: Submission, session: ClientSession) -> bool:
    """Tell whether a submission came before; of a shredded subject's, words are not compared."""
    if known.payload_sha256 == submission.whole_sha256:
        return True
    if known.payload_sha256 != submission.content_sha256:
        return False
    said = _said(submission)
    if known.private is None:
        return said == {}
    text = find_text(known.private, session=session)
    words = None if text is None else opened(text)
    return words is None or words == said


def _own_subject(actor: Actor, subject_id: str) -> Subject:
    subject = find_subject(subject_id)
    if subject is None or not access.may(
        actor, Action.DIARY_SUBMIT, site=subject.site, subject_id=subject.id
    ):
        raise NotFound
    return subject


def _entered(
    submission: Submission,
    intake: Intake,
    subject: Subject,
    *,
    actor: Actor,
    now: dt.datetime,
    ids: Callable[[], str],
    session: ClientSession,
) -> tuple[DiaryRecord, tuple[str, ...]]:
    if windows.is_in_future(submission.day, submission.zone, now):
        raise InvalidInput(faults=(Fault("/day", "this day has not come yet"),))
    same_day = diaries.versions_of_day(subject.id, submission.day, session=session)
    amended = _amended(submission, subject.id, session)
    marks = windows.entry_marks(
        submission.day,
        submission.zone,
        reported_at=submission.reported_at,
        sent_at=submission.sent_at,
        received_at=now,
    )
    if not actor.is_patient:
        marks = (*marks, windows.BY_STAFF)
    replaced = _versions_of(amended, same_day) if amended is not None else ()
    if amended is not None:
        marks = (*marks, windows.AMENDED)
        diaries.supersede(replaced, session=session)
    elif same_day:
        marks = (*marks, windows.SECOND)
    offset = submission.reported_at.utcoffset() or dt.timedelta()
    diary = DiaryRecord(
        id=ids(),
        submission_id=submission.submission_id,
        subject_id=subject.id,
        site=subject.site,
        day=submission.day,
        version=1 + max((diary.version for diary in same_day), default=0),
        reported_at=submission.reported_at,
        device_zone=submission.zone,
        device_offset_minutes=int(offset.total_seconds() // 60),
        received_at=now,
        entered_by=actor.id,
        marks=marks,
        answers=intake.answers,
        scores=intake.scores,
        labs=intake.labs,
        free_text=None,
        unread_fields=submission.unread_fields,
        payload=submission.payload,
        payload_sha256=submission.content_sha256,
        next_step="",
        questions=(),
        amends=amended.id if amended else None,
        private=None if _said(submission) == {} else _private(submission, subject),
        body_map=submission.body_map,
    )
    return diary, replaced


def _said(submission: Submission) -> dict[str, str]:
    """Give the patient's own words, and what can be such."""
    reason = submission.amends.reason if submission.amends else None
    said = {
        "free_text": submission.free_text,
        "amendment_reason": reason,
        "unread": submission.unread,
    }
    return {name: text for name, text in said.items() if text}


def _private(submission: Submission, subject: Subject) -> str:
    return f"diary/{subject.id}/{submission.submission_id}"


def _sealed(submission: Submission, subject: Subject, now: dt.datetime) -> PrivateText | None:
    """Seal the patient's own words; None: there are none, they are sealed, or must not be kept.

    What a shredded subject's phone still sends is taken without them: the diary is not lost.
    """
    said = _said(submission)
    if not said or diaries.find_submission(subject.id, submission.submission_id):
        return None
    try:
        return sealed_text(_private(submission, subject), subject.id, said, now=now)
    except SealedForGoodError:
        return None


def _amended(submission: Submission, subject_id: str, session: ClientSession) -> DiaryRecord | None:
    if submission.amends is None:
        return None
    first = diaries.find_submission(subject_id, submission.amends.submission_id, session=session)
    if first is None or first.day != submission.day:
        raise InvalidInput(
            faults=(Fault("/amends/submission_id", "no diary of this day has this id"),)
        )
    return first


def _versions_of(amended: DiaryRecord, same_day: tuple[DiaryRecord, ...]) -> tuple[str, ...]:
    """Give the amended diary and whatever has amended it since: a phone may not know of that."""
    versions = [amended.id]
    for diary in sorted(same_day, key=lambda known: known.version):
        if diary.amends in versions:
            versions.append(diary.id)
    return tuple(versions)


def _answered(diary: DiaryRecord, assessment: Assessment, ruleset: Ruleset) -> DiaryRecord:
    asked = tuple(
        question.fact
        for question in assessment.questions
        if ruleset.facts[question.fact].asked in SAID_AT_HOME
    )[:MOST_QUESTIONS]
    step = ruleset.advice.for_tier(assessment.tier)
    return replace(diary, next_step=step.kind, questions=asked)


def _receipt(diary: DiaryRecord, subject: Subject, ruleset: Ruleset) -> Receipt:
    step = ruleset.advice.steps[diary.next_step]
    return Receipt(
        submission_id=diary.submission_id,
        diary_id=diary.id,
        subject_id=diary.subject_id,
        day=diary.day,
        version=diary.version,
        received_at=diary.received_at,
        marks=diary.marks,
        unread_fields=diary.unread_fields,
        next_step={"kind": step.kind, "text": step.text[subject.language]},
        questions=tuple(
            {"fact": name, "text": question[subject.language]}
            for name in diary.questions
            if (question := ruleset.facts[name].question) is not None
        ),
    )
