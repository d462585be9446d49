"""PRO scores over time: of one subject, and of all that the reader may see."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow, context
from backend.services.pro_scores import Cohort, SymptomOverTime, read_cohort, read_scores
from schemas.pro_scores import CohortOut, CohortQuery, ScoresQuery, SymptomOverTimeOut

blueprint = Noun("pro-scores", __name__, url_prefix="/api/v1", description="PRO scores over time")


@blueprint.route("/subjects/<string:subject_id>/pro-scores")
class SubjectScores(MethodView):
    """Scores of one subject."""

    @allow(Action.DIARY_READ)
    @blueprint.arguments(ScoresQuery, location="query")
    @blueprint.response(200, SymptomOverTimeOut(many=True))
    def get(self, query: dict[str, Any], subject_id: str) -> list[SymptomOverTime]:
        """Read scores by symptom: worst, change from baseline, areas; a score is no grade."""
        return list(
            read_scores(
                subject_id,
                actor=actor(),
                ruleset=context().ruleset,
                symptoms=query["symptom"],
                threshold=query["threshold"],
            )
        )


@blueprint.route("/pro-scores")
class Scores(MethodView):
    """Scores of all subjects that the reader may see."""

    @allow(Action.ASSESSMENT_READ)
    @blueprint.arguments(CohortQuery, location="query")
    @blueprint.response(200, CohortOut)
    def get(self, query: dict[str, Any]) -> Cohort:
        """Summarise one measure by week: means, areas, cumulative incidence; without arms."""
        return read_cohort(
            query["symptom"],
            query["measure"],
            actor=actor(),
            ruleset=context().ruleset,
            threshold=query["threshold"],
        )
