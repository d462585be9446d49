"""`/adverse-events`: one course with its history, and a clinician's judgement of it."""

from flask.views import MethodView

from backend.access import Action
from backend.models.adverse_event import AdverseEventRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.adverse_event import Judgement, judge_adverse_event, read_adverse_event
from schemas.adverse_event import AdverseEventOut, JudgementIn

blueprint = Noun(
    "adverse-events",
    __name__,
    url_prefix="/api/v1/adverse-events",
    description="Adverse events and their adjudication",
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
        here = context()
        return judge_adverse_event(
            event_id,
            judgement,
            actor=actor(),
            study=here.study,
            catalogue=here.ruleset.catalogue,
            now=here.clock(),
            ids=here.ids,
        )
