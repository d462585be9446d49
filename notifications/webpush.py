"""The Web Push channel: an encrypted message to an installed page, through its browser's own service.

RFC 8030 (the POST), 8291 (encryption, pywebpush) and 8292 (VAPID, py_vapid): no vendor's SDK.
"""

import base64
import datetime as dt
import hashlib
import re
import urllib.request
from collections.abc import Callable, Collection
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from py_vapid import Vapid02  # type: ignore[import-untyped]
from pywebpush import WebPusher  # type: ignore[import-untyped]

from backend.subscription import BadSubscriptionError, Subscription, read_subscription
from notifications.base import Address, AddressKind, Message, Outcome, is_served
from notifications.posting import Poster, as_json

# A service keeps a message this long for a phone that is off; the ladder has gone on by then.
TTL_SECONDS = 24 * 3600
# RFC 8292 allows 24 hours; a service's clock may be wrong.
_TOKEN_LIFE = dt.timedelta(hours=12)
# RFC 8030 5.4: at most 32 characters, which are 24 bytes in base64url.
_TOPIC_BYTES = 24
_CONTACT = re.compile(r"mailto:[!-~]+@[!-~]+\.[!-~]+|https://[!-~]+", re.ASCII)


class WebPushChannel:
    """Pushes to subscriptions at the allowed `hosts` only; `timeout` in seconds per network step.

    `contact` is a mailto: or https: URL at which a push service finds whoever runs this.

    Raises:
        ValueError: the key is no P-256 private key in PEM, or the contact is no such URL.
        OSError: the key file cannot be read.
    """

    name: ClassVar[str] = "webpush"
    kinds: ClassVar[frozenset[AddressKind]] = frozenset({"webpush"})

    def __init__(
        self,
        *,
        key_file: Path,
        contact: str,
        hosts: Collection[str],
        clock: Callable[[], dt.datetime],
        timeout: float = 10.0,
    ) -> None:
        if not _CONTACT.fullmatch(contact):
            message = "the contact must be a mailto: or https: URL"
            raise ValueError(message)
        # The library's own check would refuse a web page below a host.
        self._vapid = Vapid02(_private_key(key_file), conf={"no-strict": True})
        self._contact = contact
        self._hosts = hosts
        self._clock = clock
        # Only an entry for this machine has a port (`backend.subscription`).
        local = [host.partition(":")[0] for host in hosts if ":" in host]
        self._poster = Poster(
            service="push service", clock=clock, timeout=timeout, private_hosts=local
        )

    def send(self, address: Address, message: Message) -> Outcome:
        """Encrypt and post once; only the status of the answer is read."""
        if refusal := is_served(self, address):
            return refusal
        try:
            subscription = read_subscription(address.value, self._hosts)
        except BadSubscriptionError:
            return Outcome("rejected", "no subscription of an allowed service")
        return self._poster.post(self._request(subscription, message))

    def close(self) -> None:
        """Do nothing: no connection outlives a message."""

    def _request(self, to: Subscription, message: Message) -> urllib.request.Request:
        keys = {"p256dh": to.p256dh, "auth": to.auth}
        pusher = WebPusher({"endpoint": to.endpoint, "keys": keys})
        return urllib.request.Request(  # noqa: S310 - https, or http to a loopback port that is allowed
            to.endpoint,
            data=pusher.encode(as_json(message), content_encoding="aes128gcm")["body"],
            method="POST",
            headers={
                "Authorization": self._authorization(to.origin),
                "Content-Type": "application/octet-stream",
                "Content-Encoding": "aes128gcm",
                "TTL": str(TTL_SECONDS),
                "Urgency": "normal" if message.tier == "routine" else "high",
                "Topic": topic(message.collapse_key),
            },
        )

    def _authorization(self, origin: str) -> str:
        until = int((self._clock() + _TOKEN_LIFE).timestamp())
        claims = {"aud": origin, "exp": until, "sub": self._contact}
        return str(self._vapid.sign(claims)["Authorization"])


def topic(collapse_key: str) -> str:
    """Give the topic under which a repeat replaces the first; it says nothing of the key."""
    digest = hashlib.sha256(collapse_key.encode()).digest()
    return base64.urlsafe_b64encode(digest[:_TOPIC_BYTES]).decode("ascii")


def _private_key(file: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except TypeError as error:
        # What cryptography says of a key that wants a password.
        message = "the key is encrypted"
        raise ValueError(message) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        message = "the key is no P-256 private key"
        raise ValueError(message)  # noqa: TRY004 - a wrong setting, not a wrong call
    return key
