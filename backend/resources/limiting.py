"""Around every request of the API: counted before it is answered, and what is left said in its headers."""

import flask

from backend.access import Action, Actor
from backend.resources.base import PUBLIC, context
from backend.services.limits import network_of
from backend.services.request_limit import limit_for, take_request

# FHIR is the same data in other words.
_API = ("/api/", "/fhir/")


def limit_requests() -> None:
    """Count this request; of who asks by their sign-in, of a stranger by their network.

    Health checks, metrics and pages are not counted: they are a proxy's or a site's own.

    Raises:
        TooManyRequests: too many.
    """
    request = flask.request
    if not request.path.startswith(_API) or request.url_rule is None:
        return
    here = context()
    actor: Actor | None = flask.g.get("actor")
    action = _action() if actor is not None else None
    caller = (
        network_of(request.remote_addr or "") if actor is None else actor.session_id or actor.id
    )
    flask.g.standing = take_request(
        limit_for(action, request.method), caller, config=here.config, now=here.clock()
    )


def tell_limits(response: flask.Response) -> flask.Response:
    """Say what is left (draft-ietf-httpapi-ratelimit-headers, structured fields)."""
    standing = flask.g.get("standing")
    if standing is not None:
        name, most, seconds = standing.limit.name, standing.limit.most, standing.limit.seconds
        response.headers["RateLimit-Policy"] = f'"{name}";q={most};w={seconds}'
        response.headers["RateLimit"] = f'"{name}";r={standing.left};t={standing.resets_in}'
    return response


def _action() -> Action | None:
    """Give the leave that the route asks for; a public one is a stranger's whoever asks."""
    request = flask.request
    view = flask.current_app.view_functions[str(request.endpoint)]
    handler = getattr(getattr(view, "view_class", None), request.method.lower(), view)
    found = getattr(handler, "action", PUBLIC)
    return found if isinstance(found, Action) else None
