"""`/subjects/…/exposures`: what was given, taken, left out or stopped."""

from flask.views import MethodView

from backend.access import Action
from backend.models.exposure import ExposureRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.exposure import NewExposure, list_exposures, record_exposure
from schemas.exposure import ExposureIn, ExposureOut, ExposuresOut

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
    @blueprint.response(200, ExposuresOut)
    def get(self, subject_id: str) -> dict[str, tuple[ExposureRecord, ...]]:
        """List a subject's dose records by day, corrected ones included."""
        return {"items": list_exposures(subject_id, actor=actor())}

    @allow(Action.EXPOSURE_RECORD)
    @blueprint.arguments(ExposureIn)
    @blueprint.response(201, ExposureOut)
    def post(self, new: NewExposure, subject_id: str) -> ExposureRecord:
        """Record one dose, or correct an earlier record."""
        here = context()
        return record_exposure(
            subject_id, new, actor=actor(), study=here.study, now=here.clock(), ids=here.ids
        )
