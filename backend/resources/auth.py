"""From the bearer token to the actor: once per request, before any route."""

import flask

from backend.errors import Unauthorised
from backend.resources.base import context
from backend.services.sign_in import who_asks

_SCHEME = "bearer "


def identify() -> None:
    """Put who asks into `flask.g.actor`; a request without a token has none.

    Raises:
        Unauthorised: there is a token, and it is no good.
    """
    header = flask.request.headers.get("Authorization")
    if header is None:
        return
    if not header.lower().startswith(_SCHEME):
        raise Unauthorised
    here = context()
    flask.g.actor = who_asks(header[len(_SCHEME) :].strip(), config=here.config, now=here.clock())
