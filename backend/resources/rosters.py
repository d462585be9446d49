"""`/rosters`: who is on duty at a site, and when."""

from typing import Any

from flask.views import MethodView

from backend.access import Action
from backend.models.roster import RosterShift
from backend.resources.base import Noun, actor, allow, context
from backend.services.roster import (
    NewShift,
    OnDuty,
    add_shift,
    end_shift,
    list_shifts,
    read_duty,
)
from schemas.roster import DutyQuery, OnDutyOut, ShiftIn, ShiftOut, SiteQuery

blueprint = Noun("rosters", __name__, url_prefix="/api/v1/rosters", description="Duty rosters")


@blueprint.route("")
class Rosters(MethodView):
    """Shifts of a site."""

    @allow(Action.ROSTER_READ)
    @blueprint.arguments(SiteQuery, location="query")
    @blueprint.response(200, ShiftOut(many=True))
    def get(self, query: dict[str, Any]) -> list[RosterShift]:
        """List a site's shifts that have not ended."""
        return list(list_shifts(query["site"], actor=actor(), study=context().study))

    @allow(Action.ROSTER_MANAGE)
    @blueprint.arguments(ShiftIn)
    @blueprint.response(201, ShiftOut)
    def post(self, new: NewShift) -> RosterShift:
        """Put somebody on the roster."""
        here = context()
        return add_shift(new, actor=actor(), study=here.study, now=here.clock(), ids=here.ids)


@blueprint.route("/on-duty")
class Duty(MethodView):
    """Who is on duty."""

    @allow(Action.ROSTER_READ)
    @blueprint.arguments(DutyQuery, location="query")
    @blueprint.response(200, OnDutyOut)
    def get(self, query: dict[str, Any]) -> OnDuty:
        """Say who is on duty at a site, now or at another time."""
        here = context()
        at = query["at"] or here.clock()
        return read_duty(query["site"], at, actor=actor(), study=here.study)


@blueprint.route("/<string:shift_id>")
class Shift(MethodView):
    """One shift."""

    @allow(Action.ROSTER_MANAGE)
    @blueprint.response(204)
    def delete(self, shift_id: str) -> None:
        """Take somebody off the roster from now on."""
        here = context()
        end_shift(shift_id, actor=actor(), study=here.study, now=here.clock(), ids=here.ids)
