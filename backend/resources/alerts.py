"""`/alerts`: the nurses' work list and their answers."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.metrics import ANSWERED
from backend.models.alert import AlertRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.alert import (
    Answer,
    Answering,
    Group,
    answer_alert,
    group_work,
    list_work,
    read_alert,
)
from backend.services.ladder import Rung, read_ladder
from backend.services.paging import Page
from schemas.alert import AlertOut, AlertPageOut, AnswerIn, GroupOut, RungOut, WorkQuery

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


@blueprint.route("/by-subject")
class AlertsBySubject(MethodView):
    """The work list, one row per patient."""

    @allow(Action.ALERT_READ)
    @blueprint.response(200, GroupOut(many=True))
    def get(self) -> list[Group]:
        """List the patients with open alerts, the most dangerous first."""
        return list(group_work(actor=actor()))


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

    @allow(Action.ALERT_ACKNOWLEDGE)
    @blueprint.arguments(AnswerIn)
    @blueprint.response(200, AlertOut)
    def post(self, answer: Answer, alert_id: str) -> AlertRecord:
        """Take, act on, snooze, hand over, comment, mark or close an alert."""
        here = context()
        answering = Answering(actor(), here.study, here.ruleset, here.clock(), here.ids)
        answered = answer_alert(alert_id, answer, answering)
        if answered.acknowledged_at == answering.now:
            waited = answering.now - answered.raised_at
            shift = here.study.shift_of(answered.site, answered.raised_at)
            ANSWERED.labels(answered.tier, answered.site, shift).observe(waited.total_seconds())
        return answered


@blueprint.route("/<string:alert_id>/ladder")
class AlertLadder(MethodView):
    """What became of an alert, from ringing to closing."""

    @allow(Action.ALERT_READ)
    @blueprint.response(200, RungOut(many=True))
    def get(self, alert_id: str) -> list[Rung]:
        """List each step with its time: raised, queued, accepted, received, opened, answered."""
        return list(read_ladder(alert_id, actor=actor()))
