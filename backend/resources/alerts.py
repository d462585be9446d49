"""`/alerts`: the nurses' work list and their answers."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.models.alert import AlertRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.alert import Answer, answer_alert, list_work, read_alert
from backend.services.paging import Page
from schemas.alert import AlertOut, AlertPageOut, AnswerIn, WorkQuery

blueprint = Noun("alerts", __name__, url_prefix="/api/v1/alerts", description="The work list")


@blueprint.route("")
class Alerts(MethodView):
    """The work list."""

    @allow(Action.ALERT_READ)
    @blueprint.arguments(WorkQuery, location="query")
    @blueprint.response(200, AlertPageOut)
    def get(self, query: dict[str, Any]) -> Page[AlertRecord]:
        """List alerts, most dangerous first, oldest first within a tier."""
        return list_work(
            actor=actor(),
            states=tuple(query["state"]),
            site=query["site"],
            limit=query["limit"],
            cursor=query["cursor"],
        )


@blueprint.route("/<string:alert_id>")
class Alert(MethodView):
    """One alert."""

    @allow(Action.ALERT_READ)
    @blueprint.response(200, AlertOut)
    def get(self, alert_id: str) -> AlertRecord:
        """Read one alert with every step taken."""
        return read_alert(alert_id, actor=actor())


@blueprint.route("/<string:alert_id>/steps")
class AlertSteps(MethodView):
    """A person's answers."""

    @allow(Action.ALERT_ANSWER)
    @blueprint.arguments(AnswerIn)
    @blueprint.response(200, AlertOut)
    def post(self, answer: Answer, alert_id: str) -> AlertRecord:
        """Acknowledge, act on or close an alert."""
        now = context().clock()
        return answer_alert(alert_id, answer, actor=actor(), now=now, ids=context().ids)
