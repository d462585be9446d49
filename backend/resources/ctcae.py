"""`/ctcae`: the CTCAE v4.03 catalogue, for whoever codes an event."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, allow, context
from backend.services.ctcae import FoundTerm, search_terms
from schemas.ctcae import TermQuery, TermsOut

blueprint = Noun("ctcae", __name__, url_prefix="/api/v1/ctcae", description="CTCAE v4.03")


@blueprint.route("/terms")
class Terms(MethodView):
    """The 790 terms."""

    @allow(Action.STUDY_READ)
    @blueprint.arguments(TermQuery, location="query")
    @blueprint.response(200, TermsOut)
    def get(self, query: dict[str, Any]) -> dict[str, tuple[FoundTerm, ...]]:
        """Find terms by prefix, code, SOC or nearly right spelling, the best first."""
        found = search_terms(context().ruleset, query["q"], soc=query["soc"], limit=query["limit"])
        return {"items": found}
