"""`/subjects/…/diary-plan` and `/silent-subjects`: diaries expected, missed, excused; who fell silent."""

import datetime as dt
from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.errors import NotFound
from backend.models.window import WindowRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.diary_plan import PlanView, excuse_day, read_plan
from backend.services.silent import Silent, list_silent
from schemas.diary_plan import ExcuseIn, PlanOut, PlanQuery, SilentOut, WindowOut

blueprint = Noun("diary-plan", __name__, url_prefix="/api/v1", description="Diaries expected")


@blueprint.route("/subjects/<string:subject_id>/diary-plan")
class DiaryPlans(MethodView):
    """A subject's expected diaries."""

    @allow(Action.DIARY_READ)
    @blueprint.arguments(PlanQuery, location="query")
    @blueprint.response(200, PlanOut)
    def get(self, query: dict[str, Any], subject_id: str) -> PlanView:
        """List expected diaries with their states; a phone reads what today's asks."""
        return read_plan(subject_id, since=query["since"], until=query["until"], actor=actor())


@blueprint.route("/subjects/<string:subject_id>/diary-plan/<string:day>/excuse")
class Excuse(MethodView):
    """One expected diary."""

    @allow(Action.DIARY_EXCUSE)
    @blueprint.arguments(ExcuseIn)
    @blueprint.response(200, WindowOut)
    def post(self, excuse: dict[str, str], subject_id: str, day: str) -> WindowRecord:
        """Excuse a diary that will not come, with the reason."""
        try:
            on = dt.date.fromisoformat(day)
        except ValueError as error:
            raise NotFound from error
        here = context()
        return excuse_day(
            subject_id, on, excuse["reason"], actor=actor(), now=here.clock(), ids=here.ids
        )


@blueprint.route("/silent-subjects")
class SilentSubjects(MethodView):
    """Who fell silent."""

    @allow(Action.ALERT_READ)
    @blueprint.response(200, SilentOut(many=True))
    def get(self) -> list[Silent]:
        """List subjects whose last diaries are missing, whom to call first at the top."""
        here = context()
        return list(list_silent(actor=actor(), ruleset=here.ruleset, now=here.clock()))
