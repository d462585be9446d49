"""`/study`: the configuration in force, and every version that records were made under."""

from flask.views import MethodView

from backend.access import Action
from backend.models.study import Study, StudyVersion
from backend.resources.base import Noun, allow, context
from backend.services.paging import Page
from backend.services.study import list_versions, read_version
from schemas.study import StudyFileOut, StudyOut, StudyVersionsOut

blueprint = Noun("study", __name__, url_prefix="/api/v1/study", description="The study")


@blueprint.route("")
class CurrentStudy(MethodView):
    """The study's configuration."""

    @allow(Action.STUDY_READ)
    @blueprint.response(200, StudyOut)
    def get(self) -> Study:
        """Give components, arms, sites, diary plan, ranges and windows of the version in force."""
        return context().study


@blueprint.route("/versions")
class StudyVersions(MethodView):
    """Every version of the configuration."""

    @allow(Action.STUDY_READ)
    @blueprint.response(200, StudyVersionsOut)
    def get(self) -> Page[StudyVersion]:
        """List every version that was ever loaded, oldest first."""
        return Page(list_versions(), None)


@blueprint.route("/versions/<string:version>")
class OneVersion(MethodView):
    """One version of the configuration."""

    @allow(Action.STUDY_READ)
    @blueprint.response(200, StudyFileOut)
    def get(self, version: str) -> StudyVersion:
        """Give the file of one version: what a record's `study_version` stands for."""
        return read_version(version)
