"""The audit trail as read."""

import marshmallow as ma
from marshmallow import validate

from schemas.fields import Moment, PlainValues
from schemas.page import PageQuery

_WORD = validate.Length(1, 120)


class AuditQuery(PageQuery):
    """What is looked for; each part that is given must fit exactly."""

    action = ma.fields.String(
        load_default=None, validate=_WORD, metadata={"example": "arm:unblinded"}
    )
    actor_id = ma.fields.String(load_default=None, validate=_WORD)
    subject_id = ma.fields.String(
        load_default=None, validate=_WORD, metadata={"example": "S01-0001"}
    )
    target = ma.fields.String(load_default=None, validate=_WORD)
    since = Moment(load_default=None)
    until = Moment(load_default=None, metadata={"description": "Before this moment"})


class OriginOut(ma.Schema):
    """From where: the request, the sign-in or phone, the kind of client; never an address."""

    kind = ma.fields.String(metadata={"example": "web"})
    session_id = ma.fields.String(allow_none=True)
    device_id = ma.fields.String(allow_none=True)
    client = ma.fields.String(allow_none=True)
    request_id = ma.fields.String(allow_none=True)


class AuditEntryOut(ma.Schema):
    """One entry."""

    id = ma.fields.String()
    at = ma.fields.AwareDateTime()
    actor_id = ma.fields.String()
    action = ma.fields.String()
    target = ma.fields.String()
    site = ma.fields.String(allow_none=True)
    subject_id = ma.fields.String(allow_none=True)
    details = PlainValues()
    reason = ma.fields.String(
        allow_none=True, metadata={"description": "Why; null for who may not read health data"}
    )
    changes = PlainValues(
        metadata={"description": "`old` and `new` by name; empty for who may not read health data"}
    )
    origin = ma.fields.Nested(OriginOut, allow_none=True)
    stream = ma.fields.String(allow_none=True, metadata={"description": "Which chain"})
    seq = ma.fields.Integer(allow_none=True, metadata={"description": "Place in the chain, from 1"})
    sha256 = ma.fields.String(allow_none=True)


class AuditPageOut(ma.Schema):
    """A page of the trail, newest first."""

    items = ma.fields.List(ma.fields.Nested(AuditEntryOut))
    next = ma.fields.String(allow_none=True)
