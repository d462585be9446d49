"""`/adverse-events`: one course with its history, and a clinician's judgement of it."""

from flask.views import MethodView

from backend.access import Action
from backend.models.adverse_event import AdverseEventRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.adverse_event import (
    Judgement,
    Judging,
    judge_adverse_event,
    read_adverse_event,
    record_adverse_event,
)
from backend.services.sae import NewReport, report_event
from schemas.adverse_event import AdverseEventOut, JudgementIn, NewEventIn, SafetyReportIn

blueprint = Noun(
    "adverse-events",
    __name__,
    url_prefix="/api/v1/adverse-events",
    description="Adverse events and their adjudication",
)


of_subject = Noun(
    "subject-adverse-events",
    __name__,
    url_prefix="/api/v1/subjects/<string:subject_id>/adverse-events",
    description="Adverse events that a clinician records",
)


@blueprint.route("/<string:event_id>")
class AdverseEvent(MethodView):
    """One course of one term in one subject."""

    @allow(Action.ADVERSE_EVENT_READ)
    @blueprint.response(200, AdverseEventOut)
    def get(self, event_id: str) -> AdverseEventRecord:
        """Read one course: provisional grades by day, and every judgement."""
        return read_adverse_event(event_id, actor=actor())


@blueprint.route("/<string:event_id>/adjudications")
class Adjudications(MethodView):
    """Judgements of one course."""

    @allow(Action.ADVERSE_EVENT_JUDGE)
    @blueprint.arguments(JudgementIn)
    @blueprint.response(201, AdverseEventOut)
    def post(self, judgement: Judgement, event_id: str) -> AdverseEventRecord:
        """Judge a course; the machine's grade and earlier judgements stay beside it."""
        return judge_adverse_event(event_id, judgement, _judging())


@blueprint.route("/<string:event_id>/reports")
class Reports(MethodView):
    """Reports of one serious event."""

    @allow(Action.ADVERSE_EVENT_JUDGE)
    @blueprint.arguments(SafetyReportIn)
    @blueprint.response(201, AdverseEventOut)
    def post(self, report: NewReport, event_id: str) -> AdverseEventRecord:
        """Record a report sent to the sponsor; the first one stops the 24-hour clock."""
        here = context()
        return report_event(event_id, report, actor=actor(), now=here.clock(), ids=here.ids)


@of_subject.route("")
class SubjectAdverseEvents(MethodView):
    """Events of one subject that no diary or result has told of."""

    @allow(Action.ADVERSE_EVENT_JUDGE)
    @of_subject.arguments(NewEventIn)
    @of_subject.response(201, AdverseEventOut)
    def post(self, judgement: Judgement, subject_id: str) -> AdverseEventRecord:
        """Record an adverse event, judged and signed; the machine has no grade for it."""
        return record_adverse_event(subject_id, judgement, _judging())


def _judging() -> Judging:
    here = context()
    return Judging(actor(), here.study, here.ruleset.catalogue, here.clock(), here.ids)
