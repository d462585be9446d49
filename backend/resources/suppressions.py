"""`/suppressions`: which flags need not ring; in shadow until somebody with the right decides."""

from flask.views import MethodView

from backend.access import Action
from backend.models.suppression import Suppression
from backend.resources.base import Noun, actor, allow, context
from backend.services.suppression import (
    Counted,
    NewSuppression,
    SuppressionChange,
    change_suppression,
    list_suppressions,
    propose_suppression,
)
from schemas.suppression import CountedOut, SuppressionChangeIn, SuppressionIn, SuppressionOut

blueprint = Noun(
    "suppressions", __name__, url_prefix="/api/v1/suppressions", description="Less noise"
)


@blueprint.route("")
class Suppressions(MethodView):
    """All suppressions."""

    @allow(Action.SUPPRESSION_READ)
    @blueprint.response(200, CountedOut(many=True))
    def get(self) -> list[Counted]:
        """List suppressions with what they fitted, in shadow or applied."""
        return list(list_suppressions(actor=actor()))

    @allow(Action.SUPPRESSION_PROPOSE)
    @blueprint.arguments(SuppressionIn)
    @blueprint.response(201, SuppressionOut)
    def post(self, new: NewSuppression) -> Suppression:
        """Propose a suppression; it runs in shadow."""
        here = context()
        return propose_suppression(
            new,
            actor=actor(),
            ruleset=here.ruleset,
            study=here.study,
            now=here.clock(),
            ids=here.ids,
        )


@blueprint.route("/<string:suppression_id>/steps")
class SuppressionSteps(MethodView):
    """Steps of one suppression."""

    @allow(Action.SUPPRESSION_SWITCH)
    @blueprint.arguments(SuppressionChangeIn)
    @blueprint.response(200, SuppressionOut)
    def post(self, change: SuppressionChange, suppression_id: str) -> Suppression:
        """Switch a suppression on or off, or end it."""
        here = context()
        return change_suppression(
            suppression_id, change, actor=actor(), now=here.clock(), ids=here.ids
        )
