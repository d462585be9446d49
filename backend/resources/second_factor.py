"""`/staff/me/second-factor`: enrol an authenticator app, confirm it, take it away."""

import flask
from flask.views import MethodView

from backend.access import Action
from backend.resources.base import Noun, actor, allow, context
from backend.services.account import check_own
from backend.services.second_factor import (
    Asking,
    Enrolment,
    begin_enrolment,
    confirm_enrolment,
    has_factor,
    refuse_second,
    remove_for,
    remove_own,
)
from schemas.second_factor import (
    FactorCodeIn,
    FactorEnrolmentIn,
    FactorEnrolmentOut,
    FactorOut,
    FactorRemovalIn,
    RecoveryCodesOut,
)

blueprint = Noun(
    "second-factor", __name__, url_prefix="/api/v1/staff", description="The second factor of staff"
)


@blueprint.route("/me/second-factor")
class OwnFactor(MethodView):
    """One's own second factor."""

    @allow(Action.SESSION_SELF)
    @blueprint.response(200, FactorOut)
    def get(self) -> dict[str, bool]:
        """Say whether a code is asked for at sign-in."""
        return {"totp": has_factor(actor=actor())}

    @allow(Action.SESSION_SELF)
    @blueprint.arguments(FactorEnrolmentIn)
    @blueprint.response(201, FactorEnrolmentOut)
    def post(self, body: dict[str, str]) -> Enrolment:
        """Make a secret for an authenticator app (TOTP); it counts when a code confirms it."""
        asking = _asking()
        refuse_second(actor=actor())
        address = flask.request.remote_addr or ""
        check_own(body["password"], None, address, actor=actor(), asking=asking)
        return begin_enrolment(actor=actor(), now=asking.now)


@blueprint.route("/me/second-factor/confirmation")
class OwnFactorConfirmation(MethodView):
    """The first code of a new second factor."""

    @allow(Action.SESSION_SELF)
    @blueprint.arguments(FactorCodeIn)
    @blueprint.response(200, RecoveryCodesOut)
    def post(self, body: dict[str, str]) -> dict[str, tuple[str, ...]]:
        """Confirm with the app's first code, and get the recovery codes."""
        return {"recovery_codes": confirm_enrolment(body["code"], actor=actor(), asking=_asking())}


@blueprint.route("/me/second-factor/removal")
class OwnFactorRemoval(MethodView):
    """The end of one's own second factor."""

    @allow(Action.SESSION_SELF)
    @blueprint.arguments(FactorRemovalIn)
    @blueprint.response(204)
    def post(self, body: dict[str, str]) -> None:
        """Take it away, with password and code once more."""
        asking = _asking()
        address = flask.request.remote_addr or ""
        check_own(body["password"], body["code"], address, actor=actor(), asking=asking)
        remove_own(actor=actor(), asking=asking)


@blueprint.route("/<string:staff_id>/second-factor")
class FactorOfStaff(MethodView):
    """The second factor of somebody who lost it."""

    @allow(Action.STAFF_MANAGE)
    @blueprint.response(204)
    def delete(self, staff_id: str) -> None:
        """Take it away, after having made sure who asks; they sign in with their password alone."""
        remove_for(staff_id, actor=actor(), asking=_asking())


def _asking() -> Asking:
    here = context()
    return Asking(here.config, here.clock(), here.ids)
