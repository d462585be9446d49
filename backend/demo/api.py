"""A small client of our own API over HTTP, as any app would be."""

import http.client
import json
import time
from typing import Any, Self
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 60
# A server closes a connection that idles; a fresh one is cheaper than finding out.
_IDLE_SECONDS = 1.0


class ApiError(Exception):
    """The API refused a request of the demo; the text has its answer."""


class Api:
    """One connection with one token; not for several threads at once."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """Connect to `url` when the first request is made."""
        parts = urlsplit(url)
        self.url = url
        self.token = token
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS
        )
        self._last_used = 0.0

    def __enter__(self) -> Self:
        """Use it in a `with` block, which lets go of the connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the connection."""
        self._connection.close()

    def signed_in(self, email: str, password: str) -> "Api":
        """Give a client that is signed in as a member of staff."""
        with self:
            tokens = self.post("/sessions", {"email": email, "password": password})
        return Api(self.url, tokens["access_token"])

    def get(self, path: str) -> Any:  # noqa: ANN401 - whatever JSON it answers
        """Ask for something."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - whatever JSON it answers
        """Send something."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        sent = None if body is None else json.dumps(body)
        if time.monotonic() - self._last_used > _IDLE_SECONDS:
            self._connection.close()
        self._connection.request(method, f"/api/v1{path}", sent, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        self._last_used = time.monotonic()
        if answer.status >= http.client.BAD_REQUEST:
            message = f"{method} {path}: {answer.status} {text.decode(errors='replace')}"
            raise ApiError(message)
        return json.loads(text) if text else None
