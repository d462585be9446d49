"""Around every request: an id, one line of log, and counts."""

import logging
import re
import time
import uuid

import flask

from backend.browser import client_of
from backend.metrics import REQUESTS, SECONDS
from backend.origin import COMMAND, Origin, set_origin

_logger = logging.getLogger("backend.web")
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def observe(app: flask.Flask) -> None:
    """Watch every request of the application."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def _begin() -> None:
    flask.g.began = time.perf_counter()
    given = flask.request.headers.get("X-Request-ID", "")
    flask.g.request_id = given if _ID.fullmatch(given) else str(uuid.uuid4())
    flask.g.client = client_of(flask.request.headers.get("User-Agent", ""))
    set_origin(Origin("web", client=flask.g.client, request_id=flask.g.request_id))


def _forget(_error: BaseException | None) -> None:
    # The thread goes on to somebody else's request.
    set_origin(COMMAND)


def _end(response: flask.Response) -> flask.Response:
    response.headers["X-Request-ID"] = flask.g.request_id
    # The template, never the path: a path holds a subject's number.
    rule = flask.request.url_rule
    route = rule.rule if rule is not None else "unknown"
    took = time.perf_counter() - flask.g.began
    method = flask.request.method
    REQUESTS.labels(method, route, response.status_code).inc()
    SECONDS.labels(method, route).observe(took)
    actor = flask.g.get("actor")
    _logger.info(
        "request",
        extra={
            "request_id": flask.g.request_id,
            "method": method,
            "route": route,
            "status": response.status_code,
            "ms": round(took * 1000, 1),
            "actor": "nobody" if actor is None else "patient" if actor.is_patient else "staff",
        },
    )
    return response
