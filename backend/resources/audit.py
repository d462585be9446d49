"""`/audit`: who did what, when."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.models.audit import AuditEntry
from backend.resources.base import Noun, actor, allow
from backend.services.audit import read_audit
from backend.services.paging import Page
from schemas.audit import AuditPageOut
from schemas.page import PageQuery

blueprint = Noun("audit", __name__, url_prefix="/api/v1/audit", description="The audit trail")


@blueprint.route("")
class Audit(MethodView):
    """The audit trail."""

    @allow(Action.AUDIT_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, AuditPageOut)
    def get(self, query: dict[str, Any]) -> Page[AuditEntry]:
        """Read the trail, newest first."""
        return read_audit(actor=actor(), limit=query["limit"], cursor=query["cursor"])
