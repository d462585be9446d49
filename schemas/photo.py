"""Photos in, receipts and lists out; the picture itself is no JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.clinical.followups import PHOTOS
from schemas.fields import Moment
from schemas.page import PageQuery


class PhotoQuery(ma.Schema):
    """All of a photo but its picture."""

    photo_id = ma.fields.UUID(
        required=True, metadata={"description": "Made by the phone; a repeat gets the same receipt"}
    )
    submission_id = ma.fields.UUID(
        required=True, metadata={"description": "The diary it belongs to, sent already or not"}
    )
    kind = ma.fields.String(required=True, validate=validate.OneOf(PHOTOS))
    taken_at = Moment(load_default=None, metadata={"description": "The phone's clock"})

    @ma.post_load
    def _as_text(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        ids = {name: str(data[name]) for name in ("photo_id", "submission_id")}
        return {**data, **ids}


class PhotoReceiptOut(ma.Schema):
    """Proof that the study team has the photo; sides in pixels and bytes are of what is stored."""

    photo_id = ma.fields.UUID(attribute="id")
    submission_id = ma.fields.UUID()
    received_at = ma.fields.AwareDateTime()
    width = ma.fields.Integer()
    height = ma.fields.Integer()
    bytes = ma.fields.Integer(attribute="size")


class PhotoListQuery(PageQuery):
    """Which photos of a subject."""

    submission_id = ma.fields.UUID(
        load_default=None, metadata={"description": "Only those of this diary"}
    )


class PhotoOut(ma.Schema):
    """What is known of one photo; its picture is at /photos/{photo_id}."""

    photo_id = ma.fields.UUID(attribute="id")
    submission_id = ma.fields.UUID()
    kind = ma.fields.String(validate=validate.OneOf(PHOTOS))
    taken_at = ma.fields.AwareDateTime(allow_none=True)
    received_at = ma.fields.AwareDateTime()
    width = ma.fields.Integer()
    height = ma.fields.Integer()


class PhotoPageOut(ma.Schema):
    """A page of photos, the newest first."""

    items = ma.fields.List(ma.fields.Nested(PhotoOut))
    next = ma.fields.String(allow_none=True)
