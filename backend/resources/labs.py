"""`/subjects/…/labs` and `/labs/csv`: laboratory results, one sample or a site's file."""

from typing import Any

import flask
from flask.views import MethodView
from werkzeug.exceptions import UnsupportedMediaType

from backend.access import Action
from backend.models.lab import LabResult
from backend.resources.base import Noun, actor, allow, context
from backend.services.lab import NewReport, Recorded, list_labs, record_labs
from backend.services.lab_file import FileReport, record_file
from backend.services.paging import Page
from schemas.lab import FileReportOut, RecordedOut, ReportIn, ResultPageOut
from schemas.page import PageQuery

blueprint = Noun("labs", __name__, url_prefix="/api/v1", description="Laboratory results")

_CSV_BODY = {
    "requestBody": {
        "required": True,
        "description": "Columns subject_id, collected_at, analyte, value, unit; optional lln, uln, fasting",
        "content": {"text/csv": {"schema": {"type": "string"}}},
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
    @blueprint.doc(**_CSV_BODY)
    @blueprint.response(200, FileReportOut)
    def post(self) -> FileReport:
        """Take a laboratory's CSV file, with a report per row; each row is judged on its own."""
        if flask.request.mimetype != "text/csv":
            raise UnsupportedMediaType
        here = context()
        return record_file(
            flask.request.get_data(),
            actor=actor(),
            study=here.study,
            ruleset=here.ruleset,
            now=here.clock(),
            ids=here.ids,
        )
