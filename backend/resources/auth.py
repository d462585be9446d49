"""From the bearer token to the actor: once per request, before any route."""

import flask

from backend.errors import ProofNeeded, Unauthorised
from backend.origin import Origin, set_origin
from backend.resources.base import context
from backend.services.binding import Presented, nonce_at
from backend.services.session import who_asks

# How a token is sent: by whoever has it, or with the proof of a phone's key (RFC 9449, 7.1).
_BEARER, _BOUND = "bearer", "dpop"
_PROOF, _NONCE = "DPoP", "DPoP-Nonce"


def identify() -> None:
    """Put who asks into `flask.g.actor`; a request without a good token has none.

    Every route but the public ones then answers 401 by itself (`allow`, `actor`). A public one
    stays open: clients send their expired token along with the very request that renews it.
    """
    scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in (_BEARER, _BOUND):
        return
    here = context()
    try:
        known = who_asks(
            token.strip(),
            presented(bound=scheme.lower() == _BOUND),
            config=here.config,
            now=here.clock(),
        )
    except ProofNeeded as refusal:
        flask.g.refusal = refusal
        return
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


def presented(*, bound: bool = False) -> Presented:
    """Give what this request has beside its token."""
    request = flask.request
    # Two proofs are none (RFC 9449, 4.3 item 1): joined by a comma they are no token.
    text = ",".join(request.headers.getlist(_PROOF)) or None
    return Presented(text, request.method, request.path, bound)


def tell_nonce(response: flask.Response) -> flask.Response:
    """Give whoever sends proofs the nonce for the next one, so that it need not be asked for."""
    if _PROOF in flask.request.headers:
        here = context()
        response.headers[_NONCE] = nonce_at(here.config, here.clock())
    return response
