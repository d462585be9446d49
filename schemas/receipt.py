"""Confirmations of devices."""

import marshmallow as ma
from marshmallow import validate


class ReceiptIn(ma.Schema):
    """What became of a message on the device that it was sent to; `id` and `v` are in its data."""

    id = ma.fields.String(required=True, validate=validate.Length(1, 64))
    v = ma.fields.String(required=True, validate=validate.Regexp(r"^[0-9]{1,9}\Z"))
    kind = ma.fields.String(required=True, validate=validate.OneOf(("received", "opened")))
