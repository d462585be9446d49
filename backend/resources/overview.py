"""`/overview`: the study at a glance."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow
from backend.resources.reading import reading_of
from backend.tables.overview import Overview, overview
from backend.tables.population import ALL, Asked
from schemas.overview import OverviewOut, OverviewQuery

blueprint = Noun("overview", __name__, url_prefix="/api/v1/overview", description="At a glance")


@blueprint.route("")
class StudyOverview(MethodView):
    """Enrolment, exposure, compliance and incidence."""

    @allow(Action.ADVERSE_EVENT_READ)
    @blueprint.arguments(OverviewQuery, location="query", unknown="raise")
    @blueprint.response(200, OverviewOut)
    def get(self, query: dict[str, Any]) -> Overview:
        """Count the study over both arms together, live or as of a data cut."""
        read = reading_of(query["cut"])
        return overview(Asked(ALL, actor(), read.frame, read.study, read.ruleset))
