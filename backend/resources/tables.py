"""`/tables`: counts and rates over all patients, without the arms or, with a reason, by arm."""

from dataclasses import dataclass, replace
from typing import Any

import marshmallow as ma
from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow, context
from backend.resources.files import SHEET_KINDS, answers_files, send_sheet
from backend.resources.reading import reading_of
from backend.services.unblinding import unblind
from backend.tables.population import Asked
from backend.tables.registry import EXPOSURE_RATES, FIRST_EVENT, INCIDENCE, STRATA, Table
from schemas import table as schemas
from schemas.listing import JSON

blueprint = Noun("tables", __name__, url_prefix="/api/v1/tables", description="Tables")


@dataclass(frozen=True, slots=True)
class Offer:
    """One table with what goes in and out."""

    table: Table
    out: type[ma.Schema]
    query: type[ma.Schema] = schemas.TableQuery
    body: type[ma.Schema] = schemas.UnblindedIn


OFFERS = (
    Offer(INCIDENCE, schemas.IncidenceTableOut),
    Offer(EXPOSURE_RATES, schemas.ExposureRatesOut),
    Offer(
        FIRST_EVENT,
        schemas.FirstEventsOut,
        schemas.FirstEventQuery,
        schemas.FirstEventUnblindedIn,
    ),
    Offer(STRATA, schemas.StrataTableOut),
)


def _asked(query: dict[str, Any]) -> Asked:
    read = reading_of(query["cut"])
    return Asked(query["group"], actor(), read.frame, read.study, read.ruleset)


def _answer(offer: Offer, asked: Asked, query: dict[str, Any]) -> Any:  # noqa: ANN401 - a table or a file
    table = offer.table.count(asked, query.get("term"))
    if query["format"] == JSON:
        return table
    sheet = offer.table.sheet(table, asked)
    return send_sheet(sheet, query["format"], repeatable=asked.frame.cut is not None)


def _offer(offer: Offer) -> None:
    class Blinded(MethodView):
        @allow(Action.ADVERSE_EVENT_READ)
        @blueprint.arguments(offer.query, location="query", unknown="raise")
        @blueprint.response(200, offer.out)
        @blueprint.doc(
            summary=offer.table.title,
            description="Without the arms; small cells hidden",
            responses=answers_files(*SHEET_KINDS, schema=offer.out),
        )
        def get(self, query: dict[str, Any]) -> Any:  # noqa: ANN401 - a table or a file
            return _answer(offer, _asked(query), query)

    class ByArm(MethodView):
        @allow(Action.ARM_READ)
        @blueprint.arguments(offer.body)
        @blueprint.response(200, offer.out)
        @blueprint.doc(
            summary=f"{offer.table.title}, by arm",
            description="Who looked and why goes to the audit trail before anything is counted",
            responses=answers_files(*SHEET_KINDS, schema=offer.out),
        )
        def post(self, query: dict[str, Any]) -> Any:  # noqa: ANN401 - a table or a file
            here, asked = context(), _asked(query)
            scope = unblind(
                f"table/{offer.table.name}/{query['group']}",
                query["reason"],
                actor=actor(),
                study=here.study,
                now=here.clock(),
                ids=here.ids,
            )
            return _answer(offer, replace(asked, unblinded=scope), query)

    endpoint = offer.table.name.replace("-", "_")
    blueprint.route(f"/{offer.table.name}", endpoint=endpoint)(Blinded)
    blueprint.route(f"/{offer.table.name}/by-arm", endpoint=f"{endpoint}_by_arm")(ByArm)


for _each in OFFERS:
    _offer(_each)
