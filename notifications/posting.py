"""What channels over HTTP share: one POST without redirects, what its status means, the JSON body."""

import datetime as dt
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Collection

from notifications.base import Message, Outcome
from notifications.reaching import AddressNotAllowedError, guarded_opener
from notifications.retry_after import retry_after_seconds

_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_SUCCESS = range(200, 300)


class Poster:
    """Posts to one kind of service, `service` in its outcomes; `timeout` in seconds per network step.

    `private_hosts` may be on this machine or a private network; all others must be public.
    """

    def __init__(
        self,
        *,
        service: str,
        clock: Callable[[], dt.datetime],
        timeout: float,
        private_hosts: Collection[str] = (),
    ) -> None:
        self._service = service
        self._clock = clock
        self._timeout = timeout
        self._opener = guarded_opener(private_hosts)

    def post(self, request: urllib.request.Request) -> Outcome:
        """Post once; only the status of the answer and its Retry-After are read."""
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return _by_status(answer.status, None, self._clock())
        except urllib.error.HTTPError as error:
            with error:
                return _by_status(error.code, error.headers.get("Retry-After"), self._clock())
        except urllib.error.URLError as error:
            if isinstance(error.reason, AddressNotAllowedError):
                return Outcome("rejected", "address not allowed")
            return Outcome("unknown", f"no answer from the {self._service}")
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
