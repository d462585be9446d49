"""`/subjects/…/findings`: what staff found without a laboratory."""

from flask.views import MethodView

from backend.access import Action
from backend.models.finding import FindingRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.finding import NewFinding, list_findings, record_finding
from schemas.finding import FindingIn, FindingOut

blueprint = Noun(
    "findings",
    __name__,
    url_prefix="/api/v1/subjects/<string:subject_id>/findings",
    description="Findings of staff",
)


@blueprint.route("")
class Findings(MethodView):
    """A subject's findings."""

    @allow(Action.FINDING_READ)
    @blueprint.response(200, FindingOut(many=True))
    def get(self, subject_id: str) -> list[FindingRecord]:
        """List a subject's findings, the oldest first."""
        return list(list_findings(subject_id, actor=actor()))

    @allow(Action.FINDING_RECORD)
    @blueprint.arguments(FindingIn)
    @blueprint.response(201, FindingOut)
    def post(self, new: NewFinding, subject_id: str) -> FindingRecord:
        """Take a finding: graded, flagged and alerted like a diary."""
        here = context()
        return record_finding(
            subject_id,
            new,
            actor=actor(),
            study=here.study,
            ruleset=here.ruleset,
            now=here.clock(),
            ids=here.ids,
        )
