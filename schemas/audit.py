"""The audit trail as read."""

import marshmallow as ma

from schemas.fields import PlainValues


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


class AuditPageOut(ma.Schema):
    """A page of the trail, newest first."""

    items = ma.fields.List(ma.fields.Nested(AuditEntryOut))
    next = ma.fields.String(allow_none=True)
