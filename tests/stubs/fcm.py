"""FCM's HTTP v1 protocol and Google's token endpoint: `python -m tests.stubs.fcm --port N`.

Real error bodies, as in https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode.
GET /received lists what came in; POST /faults {"fault", "recipient", "times"} plans a fault.
"""

import argparse
import functools
import json
import re
import secrets
import time
import urllib.parse
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.stubs.faults import DEAD, ERROR, OK, QUOTA, UNAVAILABLE
from tests.stubs.http import Answer, HttpStub

Wait = Callable[[], str]

PROJECT = "trial-stub"
ACCOUNT = f"push@{PROJECT}.iam.gserviceaccount.com"

# google-auth names Google's endpoint here, whatever the key file's token_uri is.
_AUDIENCE = "https://oauth2.googleapis.com/token"
_SEND = re.compile(r"/v1/projects/([^/]+)/messages:send")
_TARGETS = ("fid", "token", "topic", "condition")
_FIELDS = frozenset(
    {"name", "data", "notification", "android", "webpush", "apns", "fcm_options", *_TARGETS}
)
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
SENDER = "sender"
THIRD_PARTY = "third_party"
INVALID = "invalid"
NOT_FOUND = "not_found"
PROXY_PAGE = "proxy_page"
NAMELESS = "nameless"
ODD_ERROR = "odd_error"
# Answers that are not FCM's: of a proxy on the way, or cut to less than a result.
_FOREIGN = {
    PROXY_PAGE: Answer(502, ["a proxy's page"]),
    NAMELESS: Answer(200, {}),
    ODD_ERROR: Answer(400, {"error": "not an object"}),
}

# The statuses after which FCM says when to come back.
_WAITING = frozenset({429, 500, 503})
# fault: HTTP status, canonical status, FCM's error code, message
_ERRORS: dict[str, tuple[int, str, str | None, str]] = {
    DEAD: (404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found."),
    NOT_FOUND: (404, "NOT_FOUND", None, "Requested entity was not found."),
    QUOTA: (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "Quota exceeded for the message target."),
    ERROR: (500, "INTERNAL", "INTERNAL", "Internal error encountered."),
    UNAVAILABLE: (503, "UNAVAILABLE", "UNAVAILABLE", "The service is currently unavailable."),
    SENDER: (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "SenderId mismatch"),
    THIRD_PARTY: (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "Auth error from APNS"),
    INVALID: (
        400,
        "INVALID_ARGUMENT",
        "INVALID_ARGUMENT",
        "The registration token is not a valid FCM registration token",
    ),
}


class FcmStub(HttpStub):
    """Checks the service account's JWT and the bearer token, then the message, then misbehaves."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self._key = _private_key()
        self._tokens: set[str] = set()
        self.retry_after: Wait | None = soon
        self.token_answer: Answer | None = None

    def reset(self) -> None:
        """Forget every message, planned fault and access token."""
        super().reset()
        self._tokens.clear()
        self.retry_after = soon
        self.token_answer = None

    @property
    def send_url(self) -> str:
        """Give the URL to put in the place of firebase-admin's own, with its `{0}`."""
        return self.url + "/v1/projects/{0}/messages:send"

    def credentials(self) -> dict[str, str]:
        """Give the key file of a service account that only this stub knows."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": ACCOUNT,
            "client_id": "1",
            "token_uri": f"{self.url}/token",
        }

    def recipient(self, _path: str, body: str) -> str:
        """Give the installation or token that the message is for."""
        message = _message(body)
        return next((str(message[name]) for name in _TARGETS if name in message), "")

    def special(self, path: str, body: str) -> Answer | None:
        """Exchange a signed assertion for an access token (RFC 7523)."""
        if path != "/token":
            return None
        if self.token_answer is not None:
            return self.token_answer
        assertion = urllib.parse.parse_qs(body).get("assertion", [""])[0]
        try:
            jwt.decode(
                assertion,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=_AUDIENCE,
            )
        except jwt.InvalidTokenError:
            return Answer(400, {"error": "invalid_grant", "error_description": "Invalid JWT"})
        token = secrets.token_urlsafe(16)
        self._tokens.add(token)
        return Answer(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def answer(self, path: str, headers: dict[str, str], body: str, fault: str) -> Answer:
        """Answer as FCM does."""
        if refusal := self._refusal(path, headers, body):
            return refusal
        if fault in _FOREIGN:
            return _FOREIGN[fault]
        if fault != OK:
            status, canonical, code, message = _ERRORS[fault]
            wait = (("Retry-After", self.retry_after()),) if self.retry_after else ()
            return _error(status, canonical, code, message, wait if status in _WAITING else ())
        return Answer(200, {"name": f"projects/{PROJECT}/messages/{len(self.received)}"})

    def _refusal(self, path: str, headers: dict[str, str], body: str) -> Answer | None:
        sent_to = _SEND.fullmatch(path)
        if sent_to is None or sent_to[1] != PROJECT:
            return _error(404, "NOT_FOUND", None, "Requested entity was not found.")
        if headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return _error(401, "UNAUTHENTICATED", None, "Request had invalid credentials.")
        if problem := _problem(body):
            return _error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", problem)
        return None


@functools.cache
def _private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def soon() -> str:
    """Give a `Retry-After` date that passes within a second: the SDK sleeps at each, 4 times."""
    return formatdate(time.time() + 1, usegmt=True)


def _message(body: str) -> dict[str, Any]:
    try:
        message = json.loads(body)["message"]
    except (ValueError, TypeError, KeyError):
        return {}
    return message if isinstance(message, dict) else {}


def _problem(body: str) -> str | None:
    message = _message(body)
    if sum(name in message for name in _TARGETS) != 1:
        return "Exactly one of target, topic or condition is required"
    unknown = message.keys() - _FIELDS
    if unknown:
        return f"Invalid JSON payload received. Unknown name \"{min(unknown)}\" at 'message'"
    data = message.get("data", {})
    if any(not isinstance(value, str) for value in data.values()):
        return "Invalid value at 'message.data[0].value' (TYPE_STRING)"
    # 4096 bytes for most messages.
    if len(json.dumps(data)) > 4096:
        return "Message too big"
    return None


def _error(
    status: int,
    canonical: str,
    code: str | None,
    message: str,
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer:
    error: dict[str, Any] = {"code": status, "message": message, "status": canonical}
    if code is not None:
        error["details"] = [{"@type": _FCM_ERROR, "errorCode": code}]
    return Answer(status, {"error": error}, headers)


def main() -> None:
    """Run as a process: prints the URL, writes the key file where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--credentials", type=Path, help="write the service account's key here")
    arguments = parser.parse_args()
    stub = FcmStub(arguments.port)
    if arguments.credentials is not None:
        arguments.credentials.write_text(json.dumps(stub.credentials()), encoding="utf-8")
    stub.serve_forever()


if __name__ == "__main__":
    main()
