"""A small client of our own API over HTTP, as any app would be."""

import http.client
import json
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 60


class ApiError(Exception):
    """The API refused a request of the demo; the text has its answer."""


class Api:
    """A client with one token; each request has a connection of its own, so nothing is left open."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """Take the address; nothing is connected yet."""
        parts = urlsplit(url)
        self.url = url
        self.token = token
        self._place = (parts.hostname or "", parts.port)

    def signed_in(self, email: str, password: str) -> "Api":
        """Give a client that is signed in as a member of staff."""
        tokens = self.post("/sessions", {"email": email, "password": password})
        return Api(self.url, tokens["access_token"])

    def get(self, path: str) -> Any:  # noqa: ANN401 - whatever JSON it answers
        """Ask for something."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - whatever JSON it answers
        """Send something."""
        return self._ask("POST", path, body)

    def put(self, path: str, body: object) -> Any:  # noqa: ANN401 - whatever JSON it answers
        """Put something in its place."""
        return self._ask("PUT", path, body)

    def _ask(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        sent = None if body is None else json.dumps(body)
        connection = http.client.HTTPConnection(*self._place, timeout=_TIMEOUT_SECONDS)
        with closing(connection):
            connection.request(method, f"/api/v1{path}", sent, headers)
            answer = connection.getresponse()
            text = answer.read()
        if answer.status >= http.client.BAD_REQUEST:
            message = f"{method} {path}: {answer.status} {text.decode(errors='replace')}"
            raise ApiError(message)
        return json.loads(text) if text else None
