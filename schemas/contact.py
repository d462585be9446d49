"""Contact data in and out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from backend.services.contact import ContactPerson

# ITU-T E.164: at most 15 digits, with what people write between them.
_PHONE = validate.Regexp(
    r"\+?[0-9](?:[0-9 ()/.-]{4,23})", error="A number such as +86 10 5555 0100."
)
_TEXT = validate.Length(1, 500)


class ContactIn(ma.Schema):
    """Whom to call; `rev` of the version that was read, none for the first."""

    name = ma.fields.String(required=True, validate=validate.Length(1, 200))
    phones = ma.fields.List(
        ma.fields.String(validate=_PHONE), required=True, validate=validate.Length(1, 5)
    )
    best_time = ma.fields.String(load_default=None, allow_none=True, validate=_TEXT)
    note = ma.fields.String(load_default=None, allow_none=True, validate=_TEXT)
    rev = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(min=0)
    )

    @ma.post_load
    def _person(self, data: dict[str, Any], **_: object) -> tuple[ContactPerson, int | None]:
        rev = data.pop("rev")
        return ContactPerson(**{**data, "phones": tuple(data["phones"])}), rev


class ContactPersonOut(ma.Schema):
    """Whom to call."""

    name = ma.fields.String()
    phones = ma.fields.List(ma.fields.String())
    best_time = ma.fields.String(allow_none=True)
    note = ma.fields.String(allow_none=True)


class ContactOut(ma.Schema):
    """Contact data; `person` null: it was shredded."""

    person = ma.fields.Nested(ContactPersonOut, allow_none=True)
    rev = ma.fields.Integer()
    written_at = ma.fields.AwareDateTime()
