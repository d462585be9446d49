"""`/exports`: files that are made in the background, to be fetched later."""

import base64
import tempfile
import zipfile
from typing import Any

import flask
from flask.views import MethodView

from backend.access import Action
from backend.exports.asking import (
    NewExport,
    ask_for_export,
    fetch_all,
    fetch_file,
    list_exports,
    read_export,
)
from backend.files.archive import entry_called
from backend.files.kinds import CONTENT_TYPES
from backend.models.export import ExportRecord
from backend.resources.base import Noun, actor, allow, context
from backend.resources.files import BINARY, answers_files, send_file
from schemas.export import ExportIn, ExportOut, ExportsOut

blueprint = Noun("exports", __name__, url_prefix="/api/v1/exports", description="Exports")


@blueprint.route("/")
class Exports(MethodView):
    """The reader's own exports."""

    @allow(Action.EXPORT_MAKE)
    @blueprint.response(200, ExportsOut)
    def get(self) -> dict[str, Any]:
        """List what the reader asked for, the newest first."""
        return {"items": list_exports(actor=actor())}

    @allow(Action.EXPORT_MAKE)
    @blueprint.arguments(ExportIn)
    @blueprint.response(202, ExportOut)
    def post(self, new: NewExport) -> ExportRecord:
        """Ask for a listing of any length, or for the package of a data cut."""
        here = context()
        return ask_for_export(new, actor=actor(), study=here.study, now=here.clock(), ids=here.ids)


@blueprint.route("/<string:export_id>")
class OneExport(MethodView):
    """One export."""

    @allow(Action.EXPORT_MAKE)
    @blueprint.response(200, ExportOut)
    def get(self, export_id: str) -> ExportRecord:
        """Say how far an export is, and which files are finished."""
        return read_export(export_id, actor=actor())


@blueprint.route("/<string:export_id>/files/<string:name>")
class ExportedFile(MethodView):
    """One finished file of an export."""

    @allow(Action.EXPORT_MAKE)
    @blueprint.response(200, BINARY, content_type="application/octet-stream")
    @blueprint.doc(responses=answers_files(*CONTENT_TYPES))
    def get(self, export_id: str, name: str) -> flask.Response:
        """Fetch a finished file; `Repr-Digest` has its SHA-256."""
        here = context()
        file, parts = fetch_file(export_id, name, actor=actor(), now=here.clock(), ids=here.ids)
        kind = name.rpartition(".")[2]
        digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
        return flask.Response(
            parts,
            content_type=CONTENT_TYPES.get(kind, "application/octet-stream"),
            headers={
                "Content-Disposition": f'attachment; filename="{file.name}"',
                "Content-Length": str(file.size),
                "Repr-Digest": f"sha-256=:{digest}:",
            },
        )


@blueprint.route("/<string:export_id>/archive.zip")
class ExportedArchive(MethodView):
    """All files of an export."""

    @allow(Action.EXPORT_MAKE)
    @blueprint.response(200, BINARY, content_type="application/zip")
    def get(self, export_id: str) -> flask.Response:
        """Fetch every file of a complete export as one archive; the same files, the same bytes."""
        here = context()
        files = fetch_all(export_id, actor=actor(), now=here.clock(), ids=here.ids)
        archive = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as entries:
            for file, parts in files:
                with entries.open(entry_called(file.name), "w", force_zip64=True) as target:
                    for data in parts:
                        target.write(data)
        return send_file(archive, "zip", f"export-{export_id}.zip")
