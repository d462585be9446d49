"""`/subjects/…/exposures`: what was given, taken, left out or stopped."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.models.exposure import ExposureRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.exposure import list_exposures, record_exposure
from backend.services.exposure_entry import NewExposure
from backend.services.paging import Page
from schemas.exposure import ExposureIn, ExposureOut, ExposurePageOut
from schemas.page import PageQuery

blueprint = Noun(
    "exposures",
    __name__,
    url_prefix="/api/v1/subjects/<string:subject_id>/exposures",
    description="Doses and fractions",
)


@blueprint.route("")
class Exposures(MethodView):
    """A subject's dose records."""

    @allow(Action.EXPOSURE_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ExposurePageOut)
    def get(self, query: dict[str, Any], subject_id: str) -> Page[ExposureRecord]:
        """List a subject's dose records by day, corrected ones included; they tell the arm."""
        return list_exposures(
            subject_id, actor=actor(), limit=query["limit"], cursor=query["cursor"]
        )

    @allow(Action.EXPOSURE_RECORD)
    @blueprint.arguments(ExposureIn)
    @blueprint.response(201, ExposureOut)
    def post(self, new: NewExposure, subject_id: str) -> ExposureRecord:
        """Record one dose, or correct an earlier record."""
        here = context()
        return record_exposure(
            subject_id, new, actor=actor(), study=here.study, now=here.clock(), ids=here.ids
        )
