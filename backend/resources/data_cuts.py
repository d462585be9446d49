"""`/data-cuts`: freeze what had happened up to a day, and see how far that is."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.models.data_cut import DataCut
from backend.resources.base import Noun, actor, allow, context
from backend.services.data_cut import NewCut, ask_for_cut, list_cuts, read_cut
from schemas.data_cut import DataCutIn, DataCutOut, DataCutsOut

blueprint = Noun("data-cuts", __name__, url_prefix="/api/v1/data-cuts", description="Data cuts")


@blueprint.route("/")
class DataCuts(MethodView):
    """All data cuts."""

    @allow(Action.DATA_CUT_READ)
    @blueprint.response(200, DataCutsOut)
    def get(self) -> dict[str, Any]:
        """List the data cuts, the newest first."""
        return {"items": list_cuts(actor=actor())}

    @allow(Action.DATA_CUT_TAKE)
    @blueprint.arguments(DataCutIn)
    @blueprint.response(202, DataCutOut)
    def post(self, new: NewCut) -> DataCut:
        """Ask for a data cut of all sites; the clock process takes it."""
        here = context()
        return ask_for_cut(
            new,
            actor=actor(),
            study=here.study,
            ruleset=here.ruleset,
            now=here.clock(),
            ids=here.ids,
        )


@blueprint.route("/<string:cut_id>")
class OneDataCut(MethodView):
    """One data cut."""

    @allow(Action.DATA_CUT_READ)
    @blueprint.response(200, DataCutOut)
    def get(self, cut_id: str) -> DataCut:
        """Say how far a data cut is, and what it holds."""
        return read_cut(cut_id, actor=actor())
