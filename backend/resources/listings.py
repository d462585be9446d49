"""`/listings`: what a safety reviewer pulls, as pages of JSON or as files."""

from dataclasses import dataclass
from typing import Any

import flask
from flask.views import MethodView

from backend import access
from backend.access import Action
from backend.listings.base import Listing, View
from backend.listings.registry import LISTINGS
from backend.listings.selection import Selection
from backend.listings.sheets import AT_ONCE, label_of, sheet_of
from backend.resources.base import Noun, actor, allow, context
from backend.resources.files import BINARY, SHEET_KINDS, answers_files, send_sheet
from backend.resources.reading import reading_of
from backend.services.unblinding import unblind
from schemas.listing import (
    JSON,
    ListingPageOut,
    ListingsOut,
    file_query,
    page_query,
    unblinded_body,
)

blueprint = Noun("listings", __name__, url_prefix="/api/v1/listings", description="Listings")


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page, with what it was made of."""

    label: str
    as_of: Any
    cut: str | None
    items: tuple[dict[str, Any], ...]
    next: str | None


@blueprint.route("/")
class Listings(MethodView):
    """Which listings there are."""

    @allow(Action.STUDY_READ)
    @blueprint.response(200, ListingsOut)
    def get(self) -> dict[str, Any]:
        """Name the listings that the reader may pull, with their columns."""
        reader = actor()
        return {"items": [listing for listing in LISTINGS if access.may(reader, listing.action)]}


def _view(cut: str | None, *, unblinded: bool = False) -> View:
    read = reading_of(cut)
    return View(actor(), read.frame, read.study, read.ruleset, unblinded)


def _page(listing: Listing, view: View, asked: dict[str, Any]) -> ListingPage:
    found = listing.page_for(view, asked["selection"], limit=asked["limit"], cursor=asked["cursor"])
    return ListingPage(label_of(view), view.frame.now, view.frame.cut, found.items, found.next)


def _file(listing: Listing, view: View, selection: Selection, kind: str) -> flask.Response:
    sheet = sheet_of(listing, view, selection, at_most=AT_ONCE.get(kind))
    return send_sheet(sheet, kind, repeatable=view.frame.cut is not None)


def _offer(listing: Listing) -> None:
    """Give one listing its routes, each with the listing's own leave to read."""

    class Pages(MethodView):
        @allow(listing.action)
        @blueprint.arguments(page_query(listing), location="query", unknown="raise")
        @blueprint.response(200, ListingPageOut)
        @blueprint.doc(summary=listing.title, description="Pages, in a stable order; blinded")
        def get(self, query: dict[str, Any]) -> ListingPage:
            return _page(listing, _view(query["cut"]), query)

    class Files(MethodView):
        @allow(listing.action)
        @blueprint.arguments(file_query(listing), location="query", unknown="raise")
        @blueprint.response(200, BINARY, content_type="text/csv")
        @blueprint.doc(
            summary=f"{listing.title}, as a file",
            description="Formula-safe; blinded",
            responses=answers_files(*SHEET_KINDS),
        )
        def get(self, query: dict[str, Any], kind: str) -> flask.Response:
            return _file(listing, _view(query["cut"]), query["selection"], kind)

    class Unblinded(MethodView):
        @allow(Action.ARM_READ)
        @blueprint.arguments(unblinded_body(listing))
        @blueprint.response(200, ListingPageOut)
        @blueprint.doc(
            summary=f"{listing.title}, with the arms",
            description="Who looked and why goes to the audit trail before anything is shown",
            responses=answers_files(*SHEET_KINDS, schema=ListingPageOut),
        )
        def post(self, asked: dict[str, Any]) -> Any:  # noqa: ANN401 - a page or a file
            here, view = context(), _view(asked["cut"], unblinded=True)
            unblind(
                f"listing/{listing.name}",
                asked["reason"],
                actor=view.actor,
                study=here.study,
                now=here.clock(),
                ids=here.ids,
            )
            if asked["format"] == JSON:
                return _page(listing, view, asked)
            return _file(listing, view, asked["selection"], asked["format"])

    endpoint = listing.name.replace("-", "_")
    blueprint.route(f"/{listing.name}", endpoint=endpoint)(Pages)
    blueprint.route(f"/{listing.name}.<any(csv, xlsx, pdf):kind>", endpoint=f"{endpoint}_file")(
        Files
    )
    if any(column.unblinding for column in listing.columns):
        blueprint.route(f"/{listing.name}/unblinded", endpoint=f"{endpoint}_unblinded")(Unblinded)


for _listing in LISTINGS:
    _offer(_listing)
