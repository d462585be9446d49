"""From the bearer token to the actor: once per request, before any route."""

import flask

from backend.errors import Unauthorised
from backend.origin import Origin, set_origin
from backend.resources.base import context
from backend.services.session import who_asks

_SCHEME = "bearer "


def identify() -> None:
    """Put who asks into `flask.g.actor`; a request without a good token has none.

    Every route but the public ones then answers 401 by itself (`allow`, `actor`). A public one
    stays open: clients send their expired token along with the very request that renews it.
    """
    header = flask.request.headers.get("Authorization", "")
    if not header.lower().startswith(_SCHEME):
        return
    here = context()
    token = header[len(_SCHEME) :].strip()
    try:
        known = who_asks(token, config=here.config, now=here.clock())
    except Unauthorised:
        return
    flask.g.actor = known
    set_origin(
        Origin(
            "web",
            session_id=known.session_id,
            device_id=known.device_id,
            client=flask.g.client,
            request_id=flask.g.request_id,
        )
    )
