"""`/staff`: accounts, for administrators; and where one's own alerts go."""

from flask.views import MethodView

from backend.access import Action
from backend.models.staff import StaffRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.staff import (
    NewStaff,
    StaffChange,
    change_staff,
    create_staff,
    list_staff,
    set_reach,
)
from schemas.staff import StaffChangeIn, StaffIn, StaffListOut, StaffOut, StaffReachIn

blueprint = Noun("staff", __name__, url_prefix="/api/v1/staff", description="Staff accounts")


@blueprint.route("")
class Staff(MethodView):
    """All accounts."""

    @allow(Action.STAFF_MANAGE)
    @blueprint.response(200, StaffListOut)
    def get(self) -> dict[str, tuple[StaffRecord, ...]]:
        """List all accounts."""
        return {"items": list_staff(actor=actor())}

    @allow(Action.STAFF_MANAGE)
    @blueprint.arguments(StaffIn)
    @blueprint.response(201, StaffOut)
    def post(self, new: NewStaff) -> StaffRecord:
        """Make an account."""
        here = context()
        return create_staff(new, actor=actor(), study=here.study, now=here.clock(), ids=here.ids)


@blueprint.route("/<string:staff_id>")
class StaffMember(MethodView):
    """One account."""

    @allow(Action.STAFF_MANAGE)
    @blueprint.arguments(StaffChangeIn)
    @blueprint.response(200, StaffOut)
    def patch(self, change: StaffChange, staff_id: str) -> StaffRecord:
        """Change grants, reset the password, close or reopen the account."""
        here = context()
        return change_staff(
            staff_id, change, actor=actor(), study=here.study, now=here.clock(), ids=here.ids
        )


@blueprint.route("/me/push-address")
class PushAddress(MethodView):
    """Where one's own alerts go."""

    @allow(Action.SESSION_SELF)
    @blueprint.arguments(StaffReachIn)
    @blueprint.response(200, StaffOut)
    def put(self, reach: dict[str, str]) -> StaffRecord:
        """Register the phone on which alerts ring, and the channel to use."""
        here = context()
        return set_reach(
            reach["kind"],
            reach["value"],
            reach["channel"],
            actor=actor(),
            now=here.clock(),
            ids=here.ids,
        )
