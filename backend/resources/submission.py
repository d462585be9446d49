"""`/submission`: SDTM and ADaM datasets as XPT and Dataset-JSON, with define.xml."""

import io
import tempfile
from typing import Any

import flask
from flask.views import MethodView

from backend import access
from backend.access import Action, Scope
from backend.errors import Forbidden, NotFound
from backend.resources.base import Noun, actor, allow, context
from backend.resources.files import BINARY, answers_files, send_file
from backend.resources.reading import reading_of
from backend.services.unblinding import unblind
from backend.submission.metadata import datasets
from backend.submission.package import label_of, write_one, write_package
from backend.submission.source import Source, source_of
from schemas.submission import DatasetsOut, SubmissionQuery, SubmissionUnblindedIn

blueprint = Noun(
    "submission", __name__, url_prefix="/api/v1/submission", description="Datasets for regulators"
)


@blueprint.route("/datasets")
class Datasets(MethodView):
    """Which datasets there are."""

    @allow(Action.SUBMISSION_READ)
    @blueprint.response(200, DatasetsOut)
    def get(self) -> dict[str, Any]:
        """Name every dataset and its variables."""
        return {"items": list(datasets().values())}


@blueprint.route("/datasets/<string:name>.<any(xpt, json):kind>")
class OneDataset(MethodView):
    """One dataset."""

    @allow(Action.SUBMISSION_READ)
    @blueprint.arguments(SubmissionQuery, location="query", unknown="raise")
    @blueprint.response(200, BINARY, content_type="application/octet-stream")
    @blueprint.doc(responses=answers_files("xpt", "json"))
    def get(self, query: dict[str, Any], name: str, kind: str) -> flask.Response:
        """Fetch one dataset, blinded, as XPT version 5 or Dataset-JSON 1.1."""
        dataset = datasets().get(name.upper())
        if dataset is None:
            raise NotFound
        source = _source(query["cut"], access.scope(actor(), Action.SUBMISSION_READ))
        data = io.BytesIO(write_one(dataset, source, kind))
        return send_file(data, kind, f"{name.lower()}-{label_of(source)}.{kind}")


@blueprint.route("/<any(sdtm, adam):kind>.zip")
class Package(MethodView):
    """All datasets of a kind."""

    @allow(Action.SUBMISSION_READ)
    @blueprint.arguments(SubmissionQuery, location="query", unknown="raise")
    @blueprint.response(200, BINARY, content_type="application/zip")
    def get(self, query: dict[str, Any], kind: str) -> flask.Response:
        """Fetch every dataset of a kind, blinded, with define.xml and a manifest."""
        source = _source(query["cut"], access.scope(actor(), Action.SUBMISSION_READ))
        return _package(source, kind)


@blueprint.route("/<any(sdtm, adam):kind>/unblinded")
class UnblindedPackage(MethodView):
    """All datasets of a kind, with the arms."""

    @allow(Action.ARM_READ)
    @blueprint.arguments(SubmissionUnblindedIn)
    @blueprint.response(200, BINARY, content_type="application/zip")
    def post(self, asked: dict[str, Any], kind: str) -> flask.Response:
        """Fetch every dataset of a kind with the arms; who did and why goes to the audit trail."""
        here, reader = context(), actor()
        readable = access.scope(reader, Action.SUBMISSION_READ)
        if readable == Scope():
            raise Forbidden
        arms = unblind(
            f"submission/{kind}",
            asked["reason"],
            actor=reader,
            study=here.study,
            now=here.clock(),
            ids=here.ids,
        )
        return _package(_source(asked["cut"], access.common(readable, arms), unblinded=True), kind)


def _source(cut: str | None, scope: Scope, *, unblinded: bool = False) -> Source:
    read = reading_of(cut)
    return source_of(read.frame, scope.sites, read.study, read.ruleset, unblinded=unblinded)


def _package(source: Source, kind: str) -> flask.Response:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    try:
        write_package(source, kind, file)
    except BaseException:
        file.close()
        raise
    return send_file(file, "zip", f"{kind}-{label_of(source)}.zip")
