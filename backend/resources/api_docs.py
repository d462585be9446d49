"""`/api/v1/docs`: the documentation page, served from our own files."""

from pathlib import Path

import flask
from werkzeug.exceptions import NotFound

from backend.resources.base import allow

FILES = Path(__file__).parent.parent / "static_docs"
_SERVED = ("swagger-ui-bundle.js", "swagger-ui.css", "page.js", "page.css")
# Swagger UI writes inline styles and draws its icons from data: nothing else leaves this server.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)

blueprint = flask.Blueprint("documentation", __name__, url_prefix="/api/v1")


@blueprint.get("/docs")
@allow(None)
def page() -> flask.Response:
    """Give the page."""
    return _with_policy(flask.send_file(FILES / "page.html"))


@blueprint.get("/docs/<string:name>")
@allow(None)
def file(name: str) -> flask.Response:
    """Give one of the page's own files, and no other."""
    if name not in _SERVED:
        raise NotFound
    response = _with_policy(flask.send_file(FILES / name, max_age=86_400))
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _with_policy(response: flask.Response) -> flask.Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response
