"""`/instruments`: what the diary asks."""

from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, allow, context
from backend.services.instrument import DiaryInstrument, describe_diary
from schemas.instrument import DiaryInstrumentOut, LanguageQuery

blueprint = Noun(
    "instruments", __name__, url_prefix="/api/v1/instruments", description="What is asked"
)


@blueprint.route("/diary")
class Diary(MethodView):
    """The diary's own questions, in our plain words."""

    @allow(Action.STUDY_READ)
    @blueprint.arguments(LanguageQuery, location="query")
    @blueprint.response(200, DiaryInstrumentOut)
    def get(self, query: dict[str, str]) -> DiaryInstrument:
        """Give symptoms, plain questions and vital signs in one language."""
        return describe_diary(context().ruleset, query["language"])
