"""`/tables`: counts and rates over all patients, without the arms or, with a reason, by arm."""

from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow, context
from backend.services.incidence import Incidence, read_incidence, read_incidence_by_arm
from schemas.table import IncidenceTableOut, TableQuery, UnblindedIn

blueprint = Noun("tables", __name__, url_prefix="/api/v1/tables", description="Tables")


@blueprint.route("/incidence")
class IncidenceTable(MethodView):
    """Incidence of adverse events, blinded."""

    @allow(Action.ADVERSE_EVENT_READ)
    @blueprint.arguments(TableQuery, location="query")
    @blueprint.response(200, IncidenceTableOut)
    def get(self, query: dict[str, str]) -> Incidence:
        """Count patients by SOC and term, worst grade each, without the arms; small cells hidden."""
        here = context()
        return read_incidence(
            query["group"],
            actor=actor(),
            study=here.study,
            ruleset=here.ruleset,
            now=here.clock(),
        )


@blueprint.route("/incidence/by-arm")
class IncidenceByArm(MethodView):
    """Incidence of adverse events, unblinded."""

    @allow(Action.ARM_READ)
    @blueprint.arguments(UnblindedIn)
    @blueprint.response(200, IncidenceTableOut)
    def post(self, asked: dict[str, str]) -> Incidence:
        """Count patients by arm, with the protocol's test; who looked and why goes to the audit trail."""
        here = context()
        return read_incidence_by_arm(
            asked["group"],
            asked["reason"],
            actor=actor(),
            study=here.study,
            ruleset=here.ruleset,
            now=here.clock(),
            ids=here.ids,
        )
