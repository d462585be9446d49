"""`/staff`: accounts, for administrators; and one's own password and address."""

import flask
from flask.views import MethodView

from backend.access import Action
from backend.models.staff import StaffRecord
from backend.resources.base import Noun, actor, allow, context
from backend.services.account import PasswordChange, StaffReach, change_password, set_reach
from backend.services.session_list import (
    SignIn,
    end_staff_session,
    end_staff_sessions,
    list_staff_sessions,
)
from backend.services.staff import (
    NewStaff,
    StaffChange,
    change_staff,
    create_staff,
    list_staff,
)
from schemas.session import SessionsEndedOut, SessionsOut
from schemas.staff import (
    PasswordIn,
    StaffChangeIn,
    StaffIn,
    StaffListOut,
    StaffOut,
    StaffReachIn,
)

blueprint = Noun("staff", __name__, url_prefix="/api/v1/staff", description="Staff accounts")


@blueprint.route("")
class Staff(MethodView):
    """All accounts."""

    @allow(Action.STAFF_MANAGE)
    @blueprint.response(200, StaffListOut)
    def get(self) -> dict[str, tuple[StaffRecord, ...]]:
        """List the accounts: all, or those of the administrator's sites."""
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


@blueprint.route("/<string:staff_id>/sessions")
class StaffSessions(MethodView):
    """Where somebody is signed in."""

    @allow(Action.STAFF_MANAGE)
    @blueprint.response(200, SessionsOut)
    def get(self, staff_id: str) -> dict[str, tuple[SignIn, ...]]:
        """List the sign-ins of somebody whose account one manages."""
        return {"items": list_staff_sessions(staff_id, actor=actor(), now=context().clock())}

    @allow(Action.STAFF_MANAGE)
    @blueprint.response(200, SessionsEndedOut)
    def delete(self, staff_id: str) -> dict[str, int]:
        """End every sign-in of somebody; the account stays open."""
        here = context()
        ended = end_staff_sessions(staff_id, actor=actor(), now=here.clock(), ids=here.ids)
        return {"ended": ended}


@blueprint.route("/<string:staff_id>/sessions/<string:session_id>")
class StaffSession(MethodView):
    """One sign-in of somebody."""

    @allow(Action.STAFF_MANAGE)
    @blueprint.response(204)
    def delete(self, staff_id: str, session_id: str) -> None:
        """End one sign-in of somebody, such as on a lost computer."""
        here = context()
        end_staff_session(staff_id, session_id, actor=actor(), now=here.clock(), ids=here.ids)


@blueprint.route("/me/push-address")
class StaffPushAddress(MethodView):
    """Where one's own alerts go."""

    @allow(Action.SESSION_SELF)
    @blueprint.arguments(StaffReachIn)
    @blueprint.response(200, StaffOut)
    def put(self, reach: StaffReach) -> StaffRecord:
        """Choose the channel on which alerts ring, and register the phone or page for it."""
        here = context()
        return set_reach(reach, actor=actor(), config=here.config, now=here.clock(), ids=here.ids)


@blueprint.route("/me/password")
class StaffPassword(MethodView):
    """One's own password."""

    @allow(Action.SESSION_SELF)
    @blueprint.arguments(PasswordIn)
    @blueprint.response(204)
    def put(self, body: dict[str, str]) -> None:
        """Change one's own password; every sign-in ends, this one too."""
        here = context()
        change = PasswordChange(body["old"], body["new"], flask.request.remote_addr or "")
        change_password(change, actor=actor(), config=here.config, now=here.clock(), ids=here.ids)
