"""`/audit`: who did what, when."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.models.audit import AuditEntry, AuditSearch
from backend.resources.base import Noun, actor, allow
from backend.services.audit import read_audit
from backend.services.paging import Page
from schemas.audit import AuditPageOut, AuditQuery

blueprint = Noun("audit", __name__, url_prefix="/api/v1/audit", description="The audit trail")


@blueprint.route("")
class Audit(MethodView):
    """The audit trail."""

    @allow(Action.AUDIT_READ)
    @blueprint.arguments(AuditQuery, location="query", unknown="raise")
    @blueprint.response(200, AuditPageOut)
    def get(self, query: dict[str, Any]) -> Page[AuditEntry]:
        """Search the trail, newest first: by action, person, subject, target and time."""
        limit, cursor = query.pop("limit"), query.pop("cursor")
        return read_audit(actor=actor(), limit=limit, cursor=cursor, search=AuditSearch(**query))
