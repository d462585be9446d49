"""`/subjects/…/activation-codes` and `/activations`: how a patient's phone comes in."""

import flask
from flask.views import MethodView

from backend.access import Action
from backend.resources.auth import presented
from backend.resources.base import Noun, actor, allow, context
from backend.services.activation import Activated, IssuedCode, activate, issue_code
from schemas.activation import ActivatedOut, ActivationIn, CodeOut

blueprint = Noun(
    "activation", __name__, url_prefix="/api/v1", description="Activating patients' phones"
)


@blueprint.route("/subjects/<string:subject_id>/activation-codes")
class ActivationCodes(MethodView):
    """One-time codes."""

    @allow(Action.DEVICE_INVITE)
    @blueprint.response(201, CodeOut)
    def post(self, subject_id: str) -> IssuedCode:
        """Issue a code for a subject's phone; an earlier one stops working."""
        here = context()
        return issue_code(
            subject_id, actor=actor(), config=here.config, now=here.clock(), ids=here.ids
        )


@blueprint.route("/activations")
class Activations(MethodView):
    """Activation of a phone."""

    @allow(None)
    @blueprint.arguments(ActivationIn)
    @blueprint.response(201, ActivatedOut)
    def post(self, body: dict[str, str]) -> Activated:
        """Activate this phone by its one-time code.

        With a proof (`DPoP` header, RFC 9449, ES256) its tokens are good only with the key that signed it.
        """
        here = context()
        return activate(
            body["code"],
            body["label"],
            presented(),
            address=flask.request.remote_addr or "",
            config=here.config,
            now=here.clock(),
            ids=here.ids,
        )
