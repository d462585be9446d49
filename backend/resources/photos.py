"""`/photos`: a patient's phone sends them beside its diary; those who treat look at them."""

import uuid
from typing import Any

import flask
from flask.views import MethodView
from werkzeug.exceptions import UnsupportedMediaType

from backend.access import Action
from backend.models.photo import PhotoRecord
from backend.resources.base import Noun, actor, allow, context
from backend.resources.files import BINARY
from backend.services.paging import Page
from backend.services.photo import NewPhoto, list_photos, look_at_photo, take_photo
from schemas.photo import PhotoListQuery, PhotoPageOut, PhotoQuery, PhotoReceiptOut

blueprint = Noun("photos", __name__, url_prefix="/api/v1", description="Patients' photos")

_TYPES = ("image/jpeg", "image/png", "image/webp")
_BODY = {
    "requestBody": {
        "required": True,
        "description": (
            "One picture of at most 40 megapixels, as the body. It is turned upright, scaled to at "
            "most 1600 pixels, and stored as a JPEG without any metadata."
        ),
        "content": {kind: {"schema": BINARY} for kind in _TYPES},
    }
}


@blueprint.route("/photos")
class Photos(MethodView):
    """Photos from the patient's own phone."""

    @allow(Action.PHOTO_SUBMIT)
    @blueprint.arguments(PhotoQuery, location="query")
    @blueprint.response(201, PhotoReceiptOut)
    @blueprint.alt_response(
        200, schema=PhotoReceiptOut, success=True, description="It had come before"
    )
    @blueprint.doc(**_BODY)
    def post(self, query: dict[str, Any]) -> tuple[PhotoRecord, int]:
        """Take one photo; a repeat of the same one gets the first receipt."""
        if flask.request.mimetype not in _TYPES:
            raise UnsupportedMediaType
        here = context()
        new = NewPhoto(**query, data=flask.request.get_data())
        taken = take_photo(new, actor=actor(), now=here.clock(), ids=here.ids)
        return taken.photo, 200 if taken.repeated else 201


@blueprint.route("/photos/<uuid:photo_id>")
class Photo(MethodView):
    """One photo."""

    @allow(Action.PHOTO_READ, trailed=True)
    @blueprint.response(200, BINARY, content_type="image/jpeg")
    def get(self, photo_id: uuid.UUID) -> flask.Response:
        """Look at one photo; who looked goes to the audit trail."""
        here = context()
        picture = look_at_photo(str(photo_id), actor=actor(), now=here.clock(), ids=here.ids)
        return flask.Response(
            picture,
            content_type="image/jpeg",
            # Every answer is `no-store` and `nosniff`: headers.py.
            headers={"Content-Disposition": "inline"},
        )


@blueprint.route("/subjects/<string:subject_id>/photos")
class SubjectPhotos(MethodView):
    """A subject's photos."""

    @allow(Action.PHOTO_READ)
    @blueprint.arguments(PhotoListQuery, location="query")
    @blueprint.response(200, PhotoPageOut)
    def get(self, query: dict[str, Any], subject_id: str) -> Page[PhotoRecord]:
        """List a subject's photos without their pictures, the newest first."""
        diary = query["submission_id"]
        return list_photos(
            subject_id,
            actor=actor(),
            submission_id=None if diary is None else str(diary),
            limit=query["limit"],
            cursor=query["cursor"],
        )
