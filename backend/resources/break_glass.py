"""`/break-glass`: emergency access to one subject, told to the safety desk, and reviewed."""

from flask.views import MethodView

from backend.access import Action
from backend.models.break_glass import BreakGlass
from backend.resources.base import Noun, actor, allow, context
from backend.services.break_glass import (
    Emergency,
    break_glass,
    list_break_glass,
    review_break_glass,
)
from schemas.break_glass import BreakGlassListOut, BreakGlassOut, BreakGlassReviewIn, EmergencyIn

blueprint = Noun(
    "break-glass", __name__, url_prefix="/api/v1/break-glass", description="Emergency access"
)


@blueprint.route("")
class Emergencies(MethodView):
    """Emergency access."""

    @allow(Action.BREAK_GLASS_OPEN)
    @blueprint.arguments(EmergencyIn)
    @blueprint.response(201, BreakGlassOut)
    def post(self, emergency: Emergency) -> BreakGlass:
        """Open one subject's record of another site, or one subject's arm, to read for four hours."""
        here = context()
        return break_glass(
            emergency, actor=actor(), study=here.study, now=here.clock(), ids=here.ids
        )

    @allow(Action.BREAK_GLASS_READ)
    @blueprint.response(200, BreakGlassListOut)
    def get(self) -> dict[str, tuple[BreakGlass, ...]]:
        """List every emergency access, reviewed or not."""
        return {"items": list_break_glass(actor=actor())}


@blueprint.route("/<string:record_id>/review")
class EmergencyReview(MethodView):
    """The review of one emergency access."""

    @allow(Action.BREAK_GLASS_REVIEW)
    @blueprint.arguments(BreakGlassReviewIn)
    @blueprint.response(200, BreakGlassOut)
    def post(self, body: dict[str, str], record_id: str) -> BreakGlass:
        """Close the review with what was found; nobody reviews their own."""
        here = context()
        return review_break_glass(
            record_id, body["finding"], actor=actor(), now=here.clock(), ids=here.ids
        )
