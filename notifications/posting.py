"""What channels over HTTP share: one POST without redirects, what its status means, the JSON body."""

import datetime as dt
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable

from notifications.base import Message, Outcome
from notifications.retry_after import retry_after_seconds

_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_SUCCESS = range(200, 300)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A message goes where settings and address say, not where an answer points."""

    def redirect_request(self, *_args: object) -> None:
        """Follow nothing: the redirect is then reported as the answer."""


class Poster:
    """Posts to one kind of service, `service` in its outcomes; `timeout` in seconds per network step."""

    def __init__(self, *, service: str, clock: Callable[[], dt.datetime], timeout: float) -> None:
        self._service = service
        self._clock = clock
        self._timeout = timeout
        self._opener = urllib.request.build_opener(_NoRedirect())

    def post(self, request: urllib.request.Request) -> Outcome:
        """Post once; only the status of the answer and its Retry-After are read."""
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return _by_status(answer.status, None, self._clock())
        except urllib.error.HTTPError as error:
            with error:
                return _by_status(error.code, error.headers.get("Retry-After"), self._clock())
        except (OSError, http.client.HTTPException):
            return Outcome("unknown", f"no answer from the {self._service}")


def as_json(message: Message) -> bytes:
    """Give a message as the neutral JSON that gateways and our pages read."""
    return json.dumps(
        {
            "title": message.title,
            "body": message.body,
            "data": dict(message.data),
            "collapse_key": message.collapse_key,
            "tier": message.tier,
        },
        separators=(",", ":"),
    ).encode()


def _by_status(status: int, retry_after: str | None, now: dt.datetime) -> Outcome:
    detail = f"HTTP {status}"
    if status in _SUCCESS:
        return Outcome("accepted", detail)
    if status in _GONE:
        return Outcome("dead_address", detail)
    if status in _LATER or status >= _SERVER_ERROR:
        return Outcome("retry", detail, retry_after_seconds(retry_after, now))
    return Outcome("rejected", detail)
