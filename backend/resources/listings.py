"""`/listings`: what a safety reviewer pulls, as pages of JSON or as CSV."""

from typing import Any

import flask
from flask.views import MethodView

from backend.listings.base import Listing, csv_lines
from backend.listings.registry import LISTINGS
from backend.resources.base import Noun, actor, allow, context
from backend.services.paging import Page
from schemas.listing import ListingPageOut
from schemas.page import PageQuery

blueprint = Noun("listings", __name__, url_prefix="/api/v1/listings", description="Listings")


def _offer(listing: Listing) -> None:
    """Give one listing its two routes, each with the listing's own leave to read."""

    class Pages(MethodView):
        @allow(listing.action)
        @blueprint.arguments(PageQuery, location="query")
        @blueprint.response(200, ListingPageOut)
        @blueprint.doc(summary=listing.title, description="Pages, in a stable order")
        def get(self, query: dict[str, Any]) -> Page[dict[str, Any]]:
            here = context()
            return listing.page_for(
                actor(),
                study=here.study,
                now=here.clock(),
                limit=query["limit"],
                cursor=query["cursor"],
            )

    class Csv(MethodView):
        @allow(listing.action)
        @blueprint.response(200, {"type": "string"}, content_type="text/csv")
        @blueprint.doc(summary=f"{listing.title}, as CSV", description="Streamed, formula-safe")
        def get(self) -> flask.Response:
            reader, here = actor(), context()
            columns = listing.columns_for(reader)
            rows = listing.rows_for(reader, study=here.study, now=here.clock())
            lines = csv_lines(columns, rows)
            label = "unblinded" if any(column.unblinding for column in columns) else "blinded"
            name = f"{listing.name}-{label}.csv"
            return flask.Response(
                lines,
                content_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="{name}"'},
            )

    endpoint = listing.name.replace("-", "_")
    blueprint.route(f"/{listing.name}", endpoint=endpoint)(Pages)
    blueprint.route(f"/{listing.name}.csv", endpoint=f"{endpoint}_csv")(Csv)


for _listing in LISTINGS:
    _offer(_listing)
