"""`/diaries`: a patient's phone sends them, alone or in a batch; the care team reads them."""

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from backend.access import Action
from backend.errors import BackendError
from backend.models.assessment import AssessmentRecord
from backend.resources.base import Noun, actor, allow, context
from backend.resources.problem import body_of, body_of_validation
from backend.services.diary import Receipt, Submission, Taking, enter_call, record_diary
from backend.services.diary_reading import (
    ReadDiary,
    list_diaries,
    read_assessment,
    read_assessment_by_id,
    read_diary,
)
from backend.services.paging import Page
from schemas.assessment import AssessmentOut
from schemas.diary import BatchIn, BatchOut, DiaryIn, DiaryOut, DiaryPageOut, ReceiptOut
from schemas.page import PageQuery

blueprint = Noun("diaries", __name__, url_prefix="/api/v1", description="Patients' diaries")


@blueprint.route("/diaries")
class Diaries(MethodView):
    """Diaries from the patient's own phone."""

    @allow(Action.DIARY_SUBMIT)
    @blueprint.arguments(DiaryIn)
    @blueprint.response(201, ReceiptOut)
    def post(self, submission: Submission) -> Receipt:
        """Take one day's diary; a repeat of the same submission gets the first receipt."""
        return _record(submission)


@blueprint.route("/diaries/batch")
class DiaryBatch(MethodView):
    """Diaries that waited on an offline phone."""

    @allow(Action.DIARY_SUBMIT)
    @blueprint.arguments(BatchIn)
    @blueprint.response(200, BatchOut)
    def post(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Take several diaries in the order sent; one that is refused does not hold up the rest."""
        return {"items": [_record_item(item) for item in batch["items"]]}


@blueprint.route("/diaries/<string:diary_id>")
class Diary(MethodView):
    """One diary."""

    @allow(Action.DIARY_READ)
    @blueprint.response(200, DiaryOut)
    def get(self, diary_id: str) -> ReadDiary:
        """Read one diary as stored."""
        return read_diary(diary_id, actor=actor())


@blueprint.route("/diaries/<string:diary_id>/assessment")
class DiaryAssessment(MethodView):
    """What the engine made of a diary."""

    @allow(Action.ASSESSMENT_READ)
    @blueprint.response(200, AssessmentOut)
    def get(self, diary_id: str) -> AssessmentRecord:
        """Read scores, provisional grades, flags and open questions with every reason."""
        return read_assessment(diary_id, actor=actor())


@blueprint.route("/assessments/<string:assessment_id>")
class Assessment(MethodView):
    """What the engine made of a diary or a laboratory report."""

    @allow(Action.ASSESSMENT_READ)
    @blueprint.response(200, AssessmentOut)
    def get(self, assessment_id: str) -> AssessmentRecord:
        """Read the assessment that an alert points to, with every reason."""
        return read_assessment_by_id(assessment_id, actor=actor())


@blueprint.route("/subjects/<string:subject_id>/diaries")
class SubjectDiaries(MethodView):
    """A subject's diaries."""

    @allow(Action.DIARY_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, DiaryPageOut)
    def get(self, query: dict[str, Any], subject_id: str) -> Page[ReadDiary]:
        """List a subject's diaries, newest day first."""
        return list_diaries(subject_id, actor=actor(), limit=query["limit"], cursor=query["cursor"])

    @allow(Action.DIARY_ENTER)
    @blueprint.arguments(DiaryIn)
    @blueprint.response(201, ReceiptOut)
    def post(self, submission: Submission, subject_id: str) -> Receipt:
        """Enter what a patient said on the telephone instead of a diary; it is marked as such."""
        here = context()
        taking = Taking(actor(), here.ruleset, here.study, here.clock(), here.ids)
        return enter_call(subject_id, submission, taking)


def _record(submission: Submission) -> Receipt:
    here = context()
    return record_diary(
        submission,
        actor=actor(),
        ruleset=here.ruleset,
        study=here.study,
        now=here.clock(),
        ids=here.ids,
    )


def _record_item(item: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"status": 201, "receipt": _record(DiaryIn().load(item))}
    except ma.ValidationError as error:
        problem = body_of_validation(error)
    except BackendError as error:
        problem = body_of(error)
    return {"status": problem["status"], "problem": problem}
