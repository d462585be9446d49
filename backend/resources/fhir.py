"""`/fhir/R5`: the study as FHIR resources, to read and to search; blinded, read only."""

from typing import Any

import flask
import orjson
from flask.views import MethodView

from backend.errors import BackendError, TooManyRequests, Unavailable
from backend.fhir.capability import capability_statement
from backend.fhir.registry import TYPES, ResourceType
from backend.fhir.search import CONTROLS, FhirAsked, read_resource, search
from backend.models.frame import Frame
from backend.resources.base import Noun, actor, allow, context

blueprint = Noun("fhir", __name__, url_prefix="/fhir/R5", description="FHIR R5, read only")

MEDIA_TYPE = "application/fhir+json"
_OBJECT = {"type": "object"}
# Said of every route here: an error is an OperationOutcome.
_OUTCOMES = {
    status: {"description": "OperationOutcome", "content": {MEDIA_TYPE: {"schema": _OBJECT}}}
    for status in ("400", "401", "403", "404", "default")
}
# RFC 9110's statuses as FHIR's issue types (value set issue-type).
_ISSUES = {401: "login", 403: "forbidden", 404: "not-found", 422: "value", 503: "transient"}


def _answer(body: dict[str, Any], status: int = 200) -> flask.Response:
    return flask.Response(orjson.dumps(body), status=status, content_type=f"{MEDIA_TYPE}")


@blueprint.errorhandler(BackendError)
def _refused(error: BackendError) -> flask.Response:
    """Answer a refusal as an OperationOutcome; the rest of the API has RFC 9457."""
    said = [f"{fault.pointer}: {fault.detail}" for fault in error.faults] or [
        error.detail or error.title
    ]
    issues = [
        {
            "severity": "error",
            "code": _ISSUES.get(error.status, "processing"),
            "diagnostics": text,
        }
        for text in said
    ]
    # FHIR answers what cannot be searched for with 400 (R5, 3.2.1.4).
    status = 400 if error.status == 422 else error.status  # noqa: PLR2004
    answer = _answer({"resourceType": "OperationOutcome", "issue": issues}, status)
    if isinstance(error, TooManyRequests | Unavailable):
        answer.headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:  # noqa: PLR2004
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@blueprint.route("/metadata")
class Metadata(MethodView):
    """What this interface can do."""

    @allow(None)
    @blueprint.response(200, _OBJECT, content_type=MEDIA_TYPE)
    @blueprint.doc(responses=_OUTCOMES)
    def get(self) -> flask.Response:
        """Give the CapabilityStatement; it holds no data."""
        return _answer(capability_statement(context().clock()))


def _asked() -> FhirAsked:
    here = context()
    return FhirAsked(actor(), Frame(here.clock()), here.study, here.ruleset)


def _offer(kind: ResourceType) -> None:
    class Search(MethodView):
        @allow(kind.action)
        @blueprint.response(200, _OBJECT, content_type=MEDIA_TYPE)
        @blueprint.doc(
            summary=f"Search {kind.name}",
            responses=_OUTCOMES,
            parameters=[
                {
                    "in": "query",
                    "name": name,
                    "schema": {"type": "string"},
                    "description": f"FHIR search parameter of type {type_}",
                }
                for name, type_ in {**kind.parameters, **CONTROLS}.items()
            ],
        )
        def get(self) -> flask.Response:
            given = list(flask.request.args.items(multi=True))
            return _answer(search(kind, given, _asked()))

    class Read(MethodView):
        @allow(kind.action)
        @blueprint.response(200, _OBJECT, content_type=MEDIA_TYPE)
        @blueprint.doc(summary=f"Read one {kind.name}", responses=_OUTCOMES)
        def get(self, number: str) -> flask.Response:
            return _answer(read_resource(kind, number, _asked()))

    endpoint = kind.name.lower()
    blueprint.route(f"/{kind.name}", endpoint=endpoint)(Search)
    blueprint.route(f"/{kind.name}/<string:number>", endpoint=f"{endpoint}_one")(Read)


for _kind in TYPES.values():
    _offer(_kind)
