"""`/`, `/app/`, `/staff/`: the pages for patients and staff, from our own files and nobody else's."""

from functools import cache

import flask
from werkzeug.exceptions import NotFound

from backend.resources.base import allow
from backend.resources.page_files import PageFile, load_pages

# Our own scripts and styles alone; pictures also from what a script made of an answer (`blob:`) or
# drew (`data:`). Nothing leaves for another host, and no other site may frame a page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_YEAR = "public, max-age=31536000, immutable"
# Asked again each time, answered by 304 where nothing changed.
_FRESH = "no-cache"

blueprint = flask.Blueprint("pages", __name__)


@blueprint.get("/")
@allow(None)
def front() -> flask.Response:
    """Give the front page: who are you?"""
    return _send(_page("front", None), _FRESH)


@blueprint.get("/app/")
@allow(None)
def patient() -> flask.Response:
    """Give the patient's page."""
    return _send(_page("patient", "patient/app.js"), _FRESH)


@blueprint.get("/app/<any('sw.js', 'manifest.webmanifest'):name>")
@allow(None)
def patient_file(name: str) -> flask.Response:
    """Give the patient's service worker, or what makes the page installable."""
    return _send(_worker() if name == "sw.js" else _manifest(), _FRESH)


@blueprint.get("/staff/")
@allow(None)
def staff() -> flask.Response:
    """Give the page of nurses, investigators and reviewers."""
    return _send(_page("staff", "staff/app.js"), _FRESH)


@blueprint.get("/pages/<string:version>/<path:name>")
@allow(None)
def file(version: str, name: str) -> flask.Response:
    """Give one file of the pages; of another version than the one in force there is none."""
    pages = load_pages()
    if version != pages.version or name not in pages.files:
        raise NotFound
    return _send(pages.files[name], _YEAR)


@cache
def _page(name: str, entry: str | None) -> PageFile:
    pages = load_pages()
    modules = () if entry is None else tuple(pages.modules(entry))
    # All at once, instead of one after the other as each import is read.
    preload = "\n    ".join(
        f'<link rel="modulepreload" href="/pages/{pages.version}/{module}">' for module in modules
    )
    return pages.filled(f"{name}/index.html", {"preload": preload})


@cache
def _worker() -> PageFile:
    pages = load_pages()
    names = (*pages.modules("patient/app.js", later=True), *_shown())
    kept = ", ".join(f'"/pages/{pages.version}/{name}"' for name in dict.fromkeys(names))
    return pages.filled("patient/sw.js", {"files": kept})


@cache
def _manifest() -> PageFile:
    return load_pages().filled("patient/manifest.webmanifest", {})


def _shown() -> tuple[str, ...]:
    """Name what the patient's page shows beside its modules."""
    folders = ("patient/", "shared/", "vendor/")
    return tuple(
        name
        for name in load_pages().files
        if name.startswith(folders) and name.endswith((".css", ".svg", ".png"))
    )


def _send(found: PageFile, keep: str) -> flask.Response:
    takes = flask.request.accept_encodings.quality("gzip") > 0
    body = found.packed if takes and found.packed is not None else found.content
    response = flask.Response(body, content_type=found.content_type)
    if body is found.packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = keep
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Content-Security-Policy"] = POLICY
    response.add_etag()
    response.make_conditional(flask.request)
    return response
