"""A push service and the browsers behind it: `python -m tests.stubs.webpush --port N`.

It checks what a real service checks (RFC 8030, 8292) and reads messages as a browser does (8291).
As a process it gives a subscription at `POST /subscriptions` with {"name": …}.
"""

import argparse
import base64
import json
import os
import re
import time
from dataclasses import dataclass
from typing import Any

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.stubs.faults import DEAD, ERROR, OK, QUOTA, UNAVAILABLE
from tests.stubs.http import Answer, HttpStub

REDIRECT = "redirect"
TOO_LARGE = "too large"

_STATUS = {DEAD: 410, QUOTA: 429, ERROR: 500, UNAVAILABLE: 503, REDIRECT: 307, TOO_LARGE: 413}
_LONGEST_LIFE = 24 * 3600
_VAPID = re.compile(r"vapid t=(?P<token>[\w.-]+),k=(?P<key>[\w-]{87})", re.ASCII)
_TOPIC = re.compile(r"[\w-]{1,32}", re.ASCII)
_URGENCIES = frozenset({"very-low", "low", "normal", "high"})
_LONGEST_BODY = 4096


@dataclass(frozen=True)
class Pushed:
    """One message that was taken, as the page's service worker reads it."""

    name: str
    headers: dict[str, str]
    json: Any


@dataclass(frozen=True)
class _Browser:
    private: ec.EllipticCurvePrivateKey
    auth: bytes
    # The only key whose messages it wants; None: any.
    server_key: str | None


class WebPushStub(HttpStub):
    """Refuses what is unsigned, wrongly signed, meant for another service, or not readable."""

    retry_after = "7"

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.charset = "latin-1"
        self._browsers: dict[str, _Browser] = {}
        self._messages: list[Pushed] = []

    @property
    def host(self) -> str:
        """Give what the setting WEBPUSH_HOSTS must name."""
        return f"127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[Pushed]:
        """Give every message that was taken, oldest first."""
        with self._lock:
            return list(self._messages)

    def reset(self) -> None:
        """Forget every message and every planned fault; subscriptions stay."""
        super().reset()
        with self._lock:
            self._messages.clear()

    def subscribe(self, name: str, server_key: str | None = None) -> str:
        """Let a browser subscribe; give `JSON.stringify(subscription)` as our pages send it."""
        private = ec.generate_private_key(ec.SECP256R1())
        browser = _Browser(private, os.urandom(16), server_key)
        self._browsers[name] = browser
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": _base64url(point), "auth": _base64url(browser.auth)}
        subscription = {"endpoint": f"{self.url}/push/{name}", "keys": keys}
        return json.dumps(subscription, separators=(",", ":"))

    def recipient(self, path: str, _body: str) -> str:
        """Give the browser's name."""
        return path.removeprefix("/push/")

    def special(self, path: str, body: str) -> Answer | None:
        """Subscribe over HTTP, for a test in a real browser."""
        if path != "/subscriptions":
            return None
        return Answer(201, json.loads(self.subscribe(**json.loads(body))))

    def answer(self, path: str, headers: dict[str, str], body: str, fault: str) -> Answer:
        """Check, decrypt, keep; or answer as planned."""
        name = self.recipient(path, body)
        browser = self._browsers.get(name)
        if browser is None:
            return Answer(404, {})
        if not self._is_signed(headers.get("authorization", ""), browser.server_key):
            return Answer(403, {})
        if not _is_well_formed(headers):
            return Answer(400, {})
        if fault != OK:
            further = (("Retry-After", self.retry_after), ("Location", f"{self.url}/push/other"))
            return Answer(_STATUS[fault], {}, further)
        sent = body.encode("latin-1")
        if len(sent) > _LONGEST_BODY:
            return Answer(413, {})
        read = decrypted(sent, browser.private, browser.auth)
        with self._lock:
            self._messages.append(Pushed(name, headers, json.loads(read)))
        return Answer(201, {}, (("Location", f"{self.url}/messages/{len(self._messages)}"),))

    def _is_signed(self, authorization: str, server_key: str | None) -> bool:
        found = _VAPID.fullmatch(authorization)
        if found is None or server_key not in (None, found["key"]):
            return False
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(found["key"]))
        try:
            claims = jwt.decode(
                found["token"],
                key,
                algorithms=["ES256"],
                audience=self.url,
                options={"require": ["aud", "exp", "sub"]},
            )
        except jwt.InvalidTokenError:
            return False
        contact = str(claims["sub"]).startswith(("mailto:", "https:"))
        return contact and claims["exp"] <= time.time() + _LONGEST_LIFE


def decrypted(sent: bytes, private: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """Read a message as its browser does (RFC 8291)."""
    read: bytes = http_ece.decrypt(sent, private_key=private, auth_secret=auth, version="aes128gcm")
    return read


def raw(text: str) -> bytes:
    """Read base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _is_well_formed(headers: dict[str, str]) -> bool:
    return (
        headers.get("content-encoding") == "aes128gcm"
        and headers.get("ttl", "").isdigit()
        and headers.get("urgency", "normal") in _URGENCIES
        and _TOPIC.fullmatch(headers.get("topic", "none")) is not None
    )


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def main() -> None:
    """Run as a process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    WebPushStub(parser.parse_args().port).serve_forever()


if __name__ == "__main__":
    main()
