"""A browser's push subscription: its one stored form, and the push services that it may name."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Never

import orjson

# The services of Chrome and Edge on Android, Firefox, Safari, and Edge on Windows. A subscription
# comes from outside and says where we shall post: nowhere but there (SSRF).
PUSH_SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
LONGEST = 4096

_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
_NAME = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
_HOST = re.compile(rf"(?:\*\.)?{_NAME}", re.ASCII)
_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost):[1-9][0-9]{0,4}", re.ASCII)
# No user, no backslash, no fragment: nothing that two readers of URLs take for different hosts.
_ENDPOINT = re.compile(
    r"(?P<origin>(?P<scheme>https?)://(?P<place>[a-z0-9.-]+(?::[0-9]{1,5})?))"
    r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*",
    re.ASCII,
)
# Without padding, as `PushSubscription.toJSON` writes them.
_P256DH = re.compile(r"[A-Za-z0-9_-]{87}", re.ASCII)
_AUTH = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


class BadSubscriptionError(ValueError):
    """A value is no push subscription, or one of a service that is not allowed."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a browser is pushed and the keys that only it can read with; all of it stays out of logs.

    `origin` is scheme, host and port of `endpoint`; `p256dh` and `auth` are base64url.
    """

    origin: str = field(repr=False)
    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)

    def text(self) -> str:
        """Give the one stored form: compact JSON, so that the same browser is the same text."""
        keys = {"p256dh": self.p256dh, "auth": self.auth}
        return orjson.dumps({"endpoint": self.endpoint, "keys": keys}).decode("ascii")


def read_subscription(text: str, hosts: Iterable[str]) -> Subscription:
    """Read `PushSubscription.toJSON`, compact and in printable ASCII without spaces.

    `hosts` are the allowed services as in `PUSH_SERVICES`; `127.0.0.1:<port>` or `localhost:<port>`
    allows plain http there.

    Raises:
        BadSubscriptionError: it is none, or its service is not allowed; the text says which.
    """
    if len(text) > LONGEST or not _PRINTABLE.fullmatch(text):
        _refuse("compact JSON in printable ASCII without spaces")
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        _refuse("compact JSON in printable ASCII without spaces")
    # `expirationTime` is in every browser's answer and always null.
    if not isinstance(read, dict) or read.keys() - {"expirationTime"} != {"endpoint", "keys"}:
        _refuse("a push subscription with endpoint and keys")
    endpoint, keys = read["endpoint"], read["keys"]
    if not isinstance(keys, dict) or keys.keys() != {"p256dh", "auth"}:
        _refuse("a push subscription with the keys p256dh and auth")
    found = _ENDPOINT.fullmatch(endpoint) if isinstance(endpoint, str) else None
    if found is None or not _is_allowed(found["scheme"], found["place"], hosts):
        _refuse("a subscription of a push service that is allowed here")
    if not _is_public_key(keys["p256dh"]):
        _refuse("a subscription whose p256dh is a P-256 public key")
    if not isinstance(keys["auth"], str) or not _AUTH.fullmatch(keys["auth"]):
        _refuse("a subscription whose auth has 16 bytes")
    return Subscription(found["origin"], endpoint, keys["p256dh"], keys["auth"])


def is_push_service(entry: str) -> bool:
    """Say whether an entry of the allow-list can be one: a host, `*.` a domain, or loopback and port."""
    return bool(_HOST.fullmatch(entry) or _LOOPBACK.fullmatch(entry))


def _is_allowed(scheme: str, place: str, hosts: Iterable[str]) -> bool:
    if scheme == "http":
        return bool(_LOOPBACK.fullmatch(place)) and place in hosts
    return any(
        place.endswith(entry[1:]) if entry.startswith("*.") else place == entry
        for entry in hosts
        if not _LOOPBACK.fullmatch(entry)
    )


def _is_public_key(text: object) -> bool:
    # 20 ms at import, and most processes never see a subscription.
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    if not isinstance(text, str) or not _P256DH.fullmatch(text):
        return False
    try:
        point = base64.urlsafe_b64decode(f"{text}=")
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (binascii.Error, ValueError):
        return False
    return True


def _refuse(wanted: str) -> Never:
    raise BadSubscriptionError(wanted)
