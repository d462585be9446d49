"""`/study`: the configuration in force."""

from flask.views import MethodView

from backend.access import Action
from backend.models.study import Study
from backend.resources.base import Noun, allow, context
from schemas.study import StudyOut

blueprint = Noun("study", __name__, url_prefix="/api/v1/study", description="The study")


@blueprint.route("")
class CurrentStudy(MethodView):
    """The study's configuration."""

    @allow(Action.STUDY_READ)
    @blueprint.response(200, StudyOut)
    def get(self) -> Study:
        """Give components, arms, sites and windows of the version in force."""
        return context().study
