"""The webhook channel: a signed POST to one gateway (SMS, pager, hospital bus) where FCM cannot go."""

import datetime as dt
import hashlib
import hmac
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import ClassVar
from urllib.parse import urlsplit

from notifications.base import Address, AddressKind, Message, Outcome, is_served
from notifications.retry_after import retry_after_seconds

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_SUCCESS = range(200, 300)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A signed message goes where the settings say, not where an answer points."""

    def redirect_request(self, *_args: object) -> None:
        """Follow nothing: the redirect is then reported as the answer."""


class WebhookChannel:
    """Posts to addresses at the configured gateway only; `timeout` in seconds per network step.

    Raises:
        ValueError: the gateway is not https (plain http only on this machine).
    """

    name: ClassVar[str] = "webhook"
    kinds: ClassVar[frozenset[AddressKind]] = frozenset({"url"})

    def __init__(
        self, *, url: str, secret: str, clock: Callable[[], dt.datetime], timeout: float = 10.0
    ) -> None:
        origin = urlsplit(Address("url", url).value)
        local = origin.hostname in _LOOPBACK
        if not origin.hostname or not (origin.scheme == "https" or local):
            message = "the webhook must be an https URL"
            raise ValueError(message)
        self._origin = (origin.scheme, origin.netloc)
        self._secret = secret.encode()
        self._clock = clock
        self._timeout = timeout
        self._opener = urllib.request.build_opener(_NoRedirect())

    def send(self, address: Address, message: Message) -> Outcome:
        """Post once; only the status of the answer is read."""
        if refusal := is_served(self, address):
            return refusal
        target = urlsplit(address.value)
        if (target.scheme, target.netloc) != self._origin:
            return Outcome("rejected", "not the configured gateway")
        try:
            with self._opener.open(
                self._request(address, message), timeout=self._timeout
            ) as answer:
                return _by_status(answer.status, None, self._clock())
        except urllib.error.HTTPError as error:
            with error:
                return _by_status(error.code, error.headers.get("Retry-After"), self._clock())
        except (OSError, http.client.HTTPException):
            return Outcome("unknown", "no answer from the gateway")

    def close(self) -> None:
        """Do nothing: no connection outlives a message."""

    def _request(self, address: Address, message: Message) -> urllib.request.Request:
        body = json.dumps(
            {
                "title": message.title,
                "body": message.body,
                "data": dict(message.data),
                "collapse_key": message.collapse_key,
                "tier": message.tier,
            },
            separators=(",", ":"),
        ).encode()
        timestamp = str(int(self._clock().timestamp()))
        return urllib.request.Request(  # noqa: S310 - Address allows http and https only
            address.value,
            data=body,
            method="POST",
            headers={
                "Content-Type": "application/json",
                "X-Timestamp": timestamp,
                "X-Signature": f"v1={sign(self._secret, timestamp, body)}",
            },
        )


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """Give the hex HMAC-SHA256 over `timestamp`, a dot and the body, as the gateway checks it."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _by_status(status: int, retry_after: str | None, now: dt.datetime) -> Outcome:
    detail = f"HTTP {status}"
    if status in _SUCCESS:
        return Outcome("accepted", detail)
    if status in _GONE:
        return Outcome("dead_address", detail)
    if status in _LATER or status >= _SERVER_ERROR:
        return Outcome("retry", detail, retry_after_seconds(retry_after, now))
    return Outcome("rejected", detail)
