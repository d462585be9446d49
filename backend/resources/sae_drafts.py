"""`/adverse-events/{id}/sae-draft`: the draft of a serious event's report, as JSON or as a form."""

import tempfile

import flask
from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow, context
from backend.resources.files import BINARY, send_file
from backend.sae.draft import SaeDraft, draft_sae
from schemas.sae_draft import SaeDraftOut

blueprint = Noun(
    "sae-drafts",
    __name__,
    url_prefix="/api/v1/adverse-events/<string:event_id>",
    description="Drafts of reports of serious adverse events",
)


def _draft(event_id: str) -> SaeDraft:
    here = context()
    return draft_sae(event_id, actor=actor(), study=here.study, now=here.clock(), ids=here.ids)


@blueprint.route("/sae-draft")
class Draft(MethodView):
    """One draft."""

    @allow(Action.ADVERSE_EVENT_READ)
    @blueprint.response(200, SaeDraftOut)
    def get(self, event_id: str) -> SaeDraft:
        """Draft the report of an event that was judged serious; nothing is sent."""
        return _draft(event_id)


@blueprint.route("/sae-draft.pdf")
class DraftForm(MethodView):
    """One draft as a form."""

    @allow(Action.ADVERSE_EVENT_READ)
    @blueprint.response(200, BINARY, content_type="application/pdf")
    def get(self, event_id: str) -> flask.Response:
        """Draft the report as a form like CIOMS I; nothing is sent."""
        from backend.sae.cioms import write_cioms  # noqa: PLC0415 - no other request pays for it

        draft = _draft(event_id)
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
        write_cioms(draft, file)
        return send_file(file, "pdf", f"sae-draft-{event_id}-blinded.pdf")
