"""`/subjects/…/labs` and `/labs/csv`: laboratory results, one sample or a site's file."""

from typing import Any

import flask
from flask.views import MethodView
from werkzeug.exceptions import UnsupportedMediaType

from backend.access import Action
from backend.errors import Fault, InvalidInput
from backend.models.lab import LabResult
from backend.resources.base import Noun, actor, allow, context
from backend.services.lab import NewReport, Recorded, list_labs, record_labs
from backend.services.lab_file import MOST_ROWS, OPTIONAL, REQUIRED, FileReport, record_file
from backend.services.paging import Page
from schemas.lab import FileReportOut, RecordedOut, ReportIn, ResultPageOut
from schemas.page import PageQuery

blueprint = Noun("labs", __name__, url_prefix="/api/v1", description="Laboratory results")

_CSV = {"type": "string", "format": "binary"}
_FILE_BODY = {
    "requestBody": {
        "required": True,
        "description": (
            f"UTF-8 CSV with the columns {', '.join(REQUIRED)} and, if wanted, "
            f"{', '.join(OPTIONAL)}; at most {MOST_ROWS} rows. A time without an offset is the "
            "site's local time. As the body, or as the only file of a form."
        ),
        "content": {
            "text/csv": {"schema": _CSV},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": _CSV},
                    "required": ["file"],
                }
            },
        },
    }
}


@blueprint.route("/subjects/<string:subject_id>/labs")
class Labs(MethodView):
    """A subject's results."""

    @allow(Action.LAB_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ResultPageOut)
    def get(self, query: dict[str, Any], subject_id: str) -> Page[LabResult]:
        """List a subject's results, newest day first."""
        return list_labs(subject_id, actor=actor(), limit=query["limit"], cursor=query["cursor"])

    @allow(Action.LAB_RECORD)
    @blueprint.arguments(ReportIn)
    @blueprint.response(201, RecordedOut)
    def post(self, report: NewReport, subject_id: str) -> Recorded:
        """Take the results of one sample: graded, flagged and alerted like a diary."""
        here = context()
        return record_labs(
            subject_id,
            report,
            actor=actor(),
            study=here.study,
            ruleset=here.ruleset,
            now=here.clock(),
            ids=here.ids,
        )


@blueprint.route("/labs/csv")
class LabFile(MethodView):
    """A site's laboratory file."""

    @allow(Action.LAB_RECORD)
    @blueprint.doc(**_FILE_BODY)
    @blueprint.response(200, FileReportOut)
    def post(self) -> FileReport:
        """Take a laboratory's CSV file, with a report per row; each row is judged on its own."""
        here = context()
        return record_file(
            _content(),
            actor=actor(),
            study=here.study,
            ruleset=here.ruleset,
            now=here.clock(),
            ids=here.ids,
        )


def _content() -> bytes:
    """Give the file's bytes.

    Raises:
        UnsupportedMediaType: neither CSV in UTF-8 nor a form.
        InvalidInput: a form without exactly one file.
    """
    request = flask.request
    if request.mimetype == "multipart/form-data":
        files = list(request.files.items(multi=True))
        if [name for name, _ in files] != ["file"]:
            raise InvalidInput(faults=(Fault("/file", "exactly one file is expected"),))
        content: bytes = files[0][1].read()
        return content
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "text/csv" or charset not in ("utf-8", "us-ascii"):
        raise UnsupportedMediaType
    return request.get_data()
