"""Every error that leaves the server, as RFC 9457 problem+json with a pointer per fault."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import flask
import marshmallow as ma
import orjson
from flask_smorest import Api
from mongoengine.errors import ValidationError as DocumentError
from pymongo.errors import ConnectionFailure
from werkzeug.exceptions import HTTPException

from backend.dpop import ALGORITHM
from backend.errors import (
    BackendError,
    Fault,
    InvalidInput,
    ProofNeeded,
    TooManyRequests,
    Unavailable,
)

# A body of a megabyte can have as many faults as bytes; whoever mends these sees the next.
MOST_FAULTS = 100
MEDIA_TYPE = "application/problem+json"


class FaultOut(ma.Schema):
    """One fault: where and what."""

    pointer = ma.fields.String(metadata={"description": "RFC 6901 JSON pointer into the body"})
    detail = ma.fields.String()


class ProblemOut(ma.Schema):
    """An RFC 9457 problem."""

    type = ma.fields.String()
    title = ma.fields.String()
    status = ma.fields.Integer()
    detail = ma.fields.String()
    request_id = ma.fields.String()
    errors = ma.fields.List(ma.fields.Nested(FaultOut))


class ProblemApi(Api):
    """flask-smorest's Api, with RFC 9457 in place of its own error form."""

    ERROR_SCHEMA = ProblemOut

    def document_problems(self) -> None:
        """Say in the document that every error is a problem, not plain JSON."""
        for response in self.spec.components.responses.values():
            content = response.get("content", {})
            if "application/json" in content:
                content[MEDIA_TYPE] = content.pop("application/json")

    def handle_http_exception(self, error: HTTPException) -> flask.Response:
        """Answer an HTTP error, with webargs' validation messages as faults."""
        status = HTTPStatus(error.code or 500)
        data = getattr(error, "data", None) or {}
        messages = data.get("messages", {})
        faults = tuple(
            Fault(pointer, detail)
            for location in messages.values()
            for pointer, detail in _faults(location)
        )
        detail = "" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _safe_detail(error, data)
        kind = status.phrase.lower().replace(" ", "-")
        response = _answer(_body(status, kind, status.phrase, detail, faults))
        for name, value in (data.get("headers") or {}).items():
            response.headers[name] = value
        if status == HTTPStatus.METHOD_NOT_ALLOWED and (
            allowed := getattr(error, "valid_methods", ())
        ):
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response


def register_error_handlers(app: flask.Flask) -> None:
    """Send our own refusals, a lost database and the unexpected through the same form."""
    app.register_error_handler(BackendError, _refusal)
    app.register_error_handler(ConnectionFailure, lambda _: _refusal(Unavailable()))
    app.register_error_handler(DocumentError, _unexpected)
    app.register_error_handler(Exception, _unexpected)


def body_of(error: BackendError) -> dict[str, Any]:
    """Give the problem that a refusal becomes, as one item of a batch has it."""
    return _body(HTTPStatus(error.status), error.kind, error.title, error.detail, error.faults)


def body_of_validation(error: ma.ValidationError) -> dict[str, Any]:
    """Give the problem that a body with faults becomes, as one item of a batch has it."""
    faults = tuple(Fault(pointer, detail) for pointer, detail in _faults(error.messages))
    return body_of(InvalidInput(faults=faults))


def _refusal(error: BackendError) -> flask.Response:
    response = _answer(body_of(error))
    if isinstance(error, TooManyRequests | Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, ProofNeeded):
        response.headers["WWW-Authenticate"] = f'DPoP error="{error.error}", algs="{ALGORITHM}"'
        response.headers["DPoP-Nonce"] = error.nonce
    elif error.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _unexpected(error: Exception) -> flask.Response | HTTPException:
    if isinstance(error, HTTPException):
        return error
    # The log has the trace; the answer has only the request's id, never the exception's text.
    flask.current_app.logger.error("unexpected error", exc_info=error)
    return _refusal(BackendError())


def _body(
    status: HTTPStatus, kind: str, title: str, detail: str, faults: tuple[Fault, ...]
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"urn:pro-ae:problem:{kind}",
        "title": title,
        "status": int(status),
        "request_id": flask.g.get("request_id", ""),
    }
    if detail:
        body["detail"] = detail
    if faults:
        body["errors"] = [
            {"pointer": fault.pointer, "detail": fault.detail} for fault in faults[:MOST_FAULTS]
        ]
    return body


def _answer(body: dict[str, Any]) -> flask.Response:
    return flask.Response(orjson.dumps(body), status=body["status"], content_type=MEDIA_TYPE)


def _safe_detail(error: HTTPException, data: dict[str, Any]) -> str:
    # Werkzeug's own descriptions are fixed texts; a validation error's faults say the rest.
    return "" if data.get("messages") else (error.description or "")


def _faults(messages: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for key, below in messages.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from _faults(below, path + step)
    elif isinstance(messages, list | tuple):
        for message in messages:
            yield from _faults(message, path)
    else:
        yield path, str(messages)
