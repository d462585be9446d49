"""`/colleagues`: who works at one's sites."""

from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow
from backend.services.colleague import Colleague, list_colleagues
from schemas.colleague import ColleagueOut

blueprint = Noun("colleagues", __name__, url_prefix="/api/v1/colleagues", description="Colleagues")


@blueprint.route("")
class Colleagues(MethodView):
    """The names behind the ids of alerts, shifts and judgements."""

    @allow(Action.COLLEAGUE_READ)
    @blueprint.response(200, ColleagueOut(many=True))
    def get(self) -> list[Colleague]:
        """List the people at one's sites by name."""
        return list(list_colleagues(actor=actor()))
