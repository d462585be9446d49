"""`/listings`: what a safety reviewer pulls, as pages of JSON or as CSV."""

from typing import Any

import flask
from flask.views import MethodView

from backend.access import Action
from backend.listings import adverse_events
from backend.listings.base import csv_lines
from backend.resources.base import Noun, actor, allow
from backend.services.paging import Page
from schemas.listing import ListingPageOut
from schemas.page import PageQuery

blueprint = Noun("listings", __name__, url_prefix="/api/v1/listings", description="Listings")


@blueprint.route("/adverse-events")
class AdverseEvents(MethodView):
    """Adverse events as pages."""

    @allow(Action.ADVERSE_EVENT_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ListingPageOut)
    def get(self, query: dict[str, Any]) -> Page[dict[str, Any]]:
        """List adverse events by subject, first day and record; the arm only for the unblinded."""
        return adverse_events.list_adverse_events(
            actor=actor(), limit=query["limit"], cursor=query["cursor"]
        )


@blueprint.route("/adverse-events.csv")
class AdverseEventsCsv(MethodView):
    """Adverse events as one CSV file."""

    @allow(Action.ADVERSE_EVENT_READ)
    @blueprint.response(200, {"type": "string"}, content_type="text/csv")
    def get(self) -> flask.Response:
        """Download the same listing, streamed, formula-safe."""
        reader = actor()
        columns = adverse_events.columns_for(reader)
        lines = csv_lines(columns, adverse_events.rows_for(reader))
        label = "unblinded" if any(column.unblinding for column in columns) else "blinded"
        return flask.Response(
            lines,
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="adverse-events-{label}.csv"'},
        )
