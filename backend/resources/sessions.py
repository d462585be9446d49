"""`/sessions`: staff sign in, refresh, look at their sign-ins, and sign out."""

import flask
from flask.views import MethodView

from backend.access import Action, Actor
from backend.resources.auth import presented
from backend.resources.base import Noun, actor, allow, context
from backend.services.session import refresh
from backend.services.session_list import SignIn, end_other_sessions, end_session, list_sessions
from backend.services.sign_in import Credentials, sign_in
from backend.services.tokens import TokenPair
from schemas.session import (
    RefreshIn,
    SessionsEndedOut,
    SessionsOut,
    SignInIn,
    TokensOut,
    WhoOut,
)

blueprint = Noun("sessions", __name__, url_prefix="/api/v1/sessions", description="Signing in")


@blueprint.route("")
class Sessions(MethodView):
    """Sign-ins of staff."""

    @allow(None)
    @blueprint.arguments(SignInIn)
    @blueprint.response(201, TokensOut)
    def post(self, body: dict[str, str]) -> TokenPair:
        """Sign in with e-mail and password, and a code where there is a second factor."""
        here = context()
        credentials = Credentials(
            body["email"], body["password"], flask.request.remote_addr or "", body["code"]
        )
        return sign_in(credentials, config=here.config, now=here.clock(), ids=here.ids)

    @allow(Action.SESSION_SELF)
    @blueprint.response(200, SessionsOut)
    def get(self) -> dict[str, tuple[SignIn, ...]]:
        """List one's own sign-ins that are still good."""
        return {"items": list_sessions(actor=actor(), now=context().clock())}


@blueprint.route("/refresh")
class Refresh(MethodView):
    """The next pair of tokens."""

    @allow(None)
    @blueprint.arguments(RefreshIn)
    @blueprint.response(200, TokensOut)
    def post(self, body: dict[str, str]) -> TokenPair:
        """Exchange a refresh token, of staff or of a phone; an old one ends its whole family.

        A phone with a key of its own sends a proof with it (`DPoP`), else nothing happens.
        """
        here = context()
        return refresh(
            body["refresh_token"],
            presented(),
            config=here.config,
            now=here.clock(),
            ids=here.ids,
        )


@blueprint.route("/current")
class Current(MethodView):
    """The sign-in in use."""

    @allow(Action.STUDY_READ)
    @blueprint.response(200, WhoOut)
    def get(self) -> Actor:
        """Say who is asking and what they may do."""
        return actor()

    @allow(Action.SESSION_SELF)
    @blueprint.response(204)
    def delete(self) -> None:
        """Sign out; the tokens stop working at once. A phone signs off by `DELETE /device`."""
        here, me = context(), actor()
        end_session(me.session_id or "", actor=me, now=here.clock(), ids=here.ids)


@blueprint.route("/others")
class Others(MethodView):
    """One's own sign-ins but the one in use."""

    @allow(Action.SESSION_SELF)
    @blueprint.response(200, SessionsEndedOut)
    def delete(self) -> dict[str, int]:
        """End all of one's other sign-ins, such as one that was left open on a ward's computer."""
        here = context()
        return {"ended": end_other_sessions(actor=actor(), now=here.clock(), ids=here.ids)}


@blueprint.route("/<string:session_id>")
class Session(MethodView):
    """One of one's own sign-ins."""

    @allow(Action.SESSION_SELF)
    @blueprint.response(204)
    def delete(self, session_id: str) -> None:
        """End one of one's own sign-ins."""
        here = context()
        end_session(session_id, actor=actor(), now=here.clock(), ids=here.ids)
