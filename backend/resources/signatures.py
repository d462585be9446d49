"""`/signatures` and `…/signatures`: electronic signatures of events, subjects and data cuts."""

from typing import Any

import flask
from flask.views import MethodView

from backend.access import Action
from backend.models.signature import ADVERSE_EVENT, DATA_CUT, SUBJECT
from backend.resources.base import Noun, actor, allow, context
from backend.services.signature import NewSignature, Signed, Signing, list_signatures, sign
from schemas.signature import SignatureIn, SignaturesQuery, SignedListOut, SignedOut

blueprint = Noun("signatures", __name__, url_prefix="/api/v1", description="Signatures")


@blueprint.route("/signatures")
class Signatures(MethodView):
    """Signatures of one thing."""

    @allow(Action.SIGNATURE_READ)
    @blueprint.arguments(SignaturesQuery, location="query", unknown="raise")
    @blueprint.response(200, SignedListOut)
    def get(self, query: dict[str, str]) -> dict[str, tuple[Signed, ...]]:
        """List who signed, what it means, and whether it is still the version that was signed."""
        return {"items": list_signatures(query["kind"], query["target_id"], actor=actor())}


@blueprint.route("/adverse-events/<string:event_id>/signatures")
class EventSignatures(MethodView):
    """Signatures of an adverse event."""

    @allow(Action.SIGNATURE_MAKE)
    @blueprint.arguments(SignatureIn)
    @blueprint.response(201, SignedOut)
    def post(self, new: dict[str, Any], event_id: str) -> Signed:
        """Sign one version of an adverse event with one's password; a later change voids it."""
        return _sign(ADVERSE_EVENT, event_id, new)


@blueprint.route("/subjects/<string:subject_id>/signatures")
class SubjectSignatures(MethodView):
    """Signatures of a subject's record."""

    @allow(Action.SIGNATURE_MAKE)
    @blueprint.arguments(SignatureIn)
    @blueprint.response(201, SignedOut)
    def post(self, new: dict[str, Any], subject_id: str) -> Signed:
        """Sign one version of a subject's baseline and course; a later change voids it."""
        return _sign(SUBJECT, subject_id, new)


@blueprint.route("/data-cuts/<string:cut_id>/signatures")
class CutSignatures(MethodView):
    """Signatures of a data cut."""

    @allow(Action.DATA_CUT_SIGN)
    @blueprint.arguments(SignatureIn)
    @blueprint.response(201, SignedOut)
    def post(self, new: dict[str, Any], cut_id: str) -> Signed:
        """Sign a complete data cut, and by its digests every row in it."""
        return _sign(DATA_CUT, cut_id, new)


def _sign(kind: str, target_id: str, new: dict[str, Any]) -> Signed:
    here = context()
    signature = NewSignature(
        kind=kind, target_id=target_id, address=flask.request.remote_addr or "", **new
    )
    return sign(signature, Signing(actor(), here.config, here.clock(), here.ids))
