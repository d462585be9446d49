"""The webhook channel: a signed POST to one gateway (SMS, pager, hospital bus) where FCM cannot go."""

import datetime as dt
import hashlib
import hmac
import urllib.request
from collections.abc import Callable, Collection
from typing import ClassVar
from urllib.parse import urlsplit

from notifications.base import Address, AddressKind, Message, Outcome, is_served
from notifications.posting import Poster, as_json
from notifications.reaching import is_address, may_reach

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class WebhookChannel:
    """Posts to addresses at the configured gateway only; `timeout` in seconds per network step.

    `private_hosts`: hosts that may be on a private network or, also by plain http, on this machine.

    Raises:
        ValueError: the gateway is not https, or it is an address that may not be reached.
    """

    name: ClassVar[str] = "webhook"
    kinds: ClassVar[frozenset[AddressKind]] = frozenset({"url"})

    def __init__(
        self,
        *,
        url: str,
        secret: str,
        clock: Callable[[], dt.datetime],
        timeout: float = 10.0,
        private_hosts: Collection[str] = (),
    ) -> None:
        origin = urlsplit(Address("url", url).value)
        local = origin.hostname in _LOOPBACK.intersection(private_hosts)
        if not origin.hostname or not (origin.scheme == "https" or local):
            message = "the webhook must be an https URL"
            raise ValueError(message)
        if is_address(origin.hostname) and not may_reach(
            origin.hostname, private=origin.hostname in private_hosts
        ):
            message = "the webhook is at an address that no setting allows"
            raise ValueError(message)
        self._origin = (origin.scheme, origin.netloc)
        self._secret = secret.encode()
        self._clock = clock
        self._poster = Poster(
            service="gateway", clock=clock, timeout=timeout, private_hosts=private_hosts
        )

    def send(self, address: Address, message: Message) -> Outcome:
        """Post once; only the status of the answer is read."""
        if refusal := is_served(self, address):
            return refusal
        target = urlsplit(address.value)
        if (target.scheme, target.netloc) != self._origin:
            return Outcome("rejected", "not the configured gateway")
        return self._poster.post(self._request(address, message))

    def close(self) -> None:
        """Do nothing: no connection outlives a message."""

    def _request(self, address: Address, message: Message) -> urllib.request.Request:
        body = as_json(message)
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
