"""What every answer owes a browser, asked of each answer that a test gets."""

from werkzeug.test import TestResponse

from backend.resources import api_docs, pages
from backend.resources.headers import HEADERS

_POLICY, _CACHE = "Content-Security-Policy", "Cache-Control"
# Pages and the documentation run scripts of our own, and so have policies of their own.
_PAGES = {
    "/api/v1/docs": api_docs.POLICY,
    "/pages/": pages.POLICY,
    "/app/": pages.POLICY,
    "/staff/": pages.POLICY,
}


def missing(answer: TestResponse) -> list[str]:
    """Name what an answer lacks or says wrongly."""
    path = answer.request.path
    page = next((policy for start, policy in _PAGES.items() if path.startswith(start)), None)
    page = pages.POLICY if path == "/" else page
    # Files of our own hold no data and may be kept; what is not there is told by the API.
    own = page is not None and answer.status_code in (200, 304)
    expected = {name: [value] for name, value in HEADERS.items() if not (own and name == _CACHE)}
    if own and page is not None:
        expected[_POLICY] = [page]
    told = {name: answer.headers.get_all(name) for name in expected}
    faults = [f"{name}: {told[name]}" for name in expected if told[name] != expected[name]]
    for needed in ("default-src 'none'", "frame-ancestors 'none'"):
        # The second is not covered by the first.
        faults += [] if needed in "".join(told[_POLICY]) else [f"no {needed}"]
    faults += [
        f"{name} is there"
        for name, _ in answer.headers
        if name.startswith("Access-Control-") or name in ("Set-Cookie", "X-Powered-By")
    ]
    needed = ["X-Request-ID"] + (["Content-Type"] if answer.data else [])
    return faults + [f"no {name}" for name in needed if not answer.headers.get(name)]
