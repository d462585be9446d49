"""What every answer tells a browser, and which other origins may ask at all (none unless listed)."""

import flask

from backend.config import Config

# Numbers are those of OWASP ASVS 5.0.0.
# An answer of the API is data for its caller alone: not stored, not framed, not guessed at, not run.
HEADERS = {
    "Cache-Control": "no-store",  # 14.3.2; files without data say otherwise themselves
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # 3.4.3, 3.4.6
    "Cross-Origin-Opener-Policy": "same-origin",  # 3.4.8
    "Cross-Origin-Resource-Policy": "same-origin",  # 3.5.8
    # A phone's camera is reached by its own photo button, which asks the patient, not the page.
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",  # 3.4.5
    "X-Content-Type-Options": "nosniff",  # 3.4.4
    "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
}
# What our API reads and tells beyond what the Fetch standard lets through anyway.
_ASKED = "Authorization, Content-Type, DPoP, If-Match, If-None-Match, Last-Event-ID, X-Request-ID"
_TOLD = (
    "Content-Disposition, DPoP-Nonce, ETag, RateLimit, RateLimit-Policy, Repr-Digest, Retry-After, "
    "WWW-Authenticate, X-Request-ID"
)
_METHODS = "GET, POST, PUT, PATCH, DELETE"
# A browser may keep a preflight's answer so long: a changed list holds everywhere after it.
_PREFLIGHT_SECONDS = "600"


def protect(app: flask.Flask, config: Config) -> None:
    """Put these headers on every answer, whoever made it and whether it is an error."""
    headers = dict(HEADERS)
    if config.hsts_seconds:
        # 3.4.1. Only by setting: a browser that has once seen it refuses plain http for so long.
        headers["Strict-Transport-Security"] = f"max-age={config.hsts_seconds}; includeSubDomains"
    allowed = frozenset(config.cors_origins)

    def finish(response: flask.Response) -> flask.Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if allowed:
            _share(response, allowed)
        return response

    app.after_request(finish)
    if allowed:
        app.before_request(lambda: _preflight(allowed))


def _preflight(allowed: frozenset[str]) -> flask.Response | None:
    """Answer a browser's question whether a page may ask; it carries no token and reaches no route."""
    request = flask.request
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    response = flask.Response(status=204)
    if request.origin in allowed:
        response.headers["Access-Control-Allow-Methods"] = _METHODS
        response.headers["Access-Control-Allow-Headers"] = _ASKED
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    return response


def _share(response: flask.Response, allowed: frozenset[str]) -> None:
    # 3.4.2. The origin itself, never `*`, and no credentials: there are no cookies to send along,
    # a page hands over its bearer token by its own script.
    response.vary.add("Origin")
    if flask.request.origin in allowed:
        response.headers["Access-Control-Allow-Origin"] = flask.request.origin or ""
        response.headers["Access-Control-Expose-Headers"] = _TOLD
