"""A phone's key in the tests: a real one, whose proofs are made as an app makes them."""

import base64
import hashlib
import json
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from jwt.algorithms import ECAlgorithm
from werkzeug.test import TestResponse

SERVER = "https://trial.example"


class PhoneKey:
    """A P-256 key, and the nonce that the server gave last."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        self.jwk = {name: public[name] for name in ("kty", "crv", "x", "y")}
        self.nonce: str | None = None

    @property
    def thumbprint(self) -> str:
        """Give the RFC 7638 thumbprint."""
        text = json.dumps(self.jwk, separators=(",", ":"), sort_keys=True)
        return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")

    def proof(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        header: dict[str, Any] | None = None,
        **claims: Any,  # noqa: ANN401 - whatever a proof may say
    ) -> str:
        """Make a proof; a claim that is None is left out."""
        said: dict[str, Any] = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": SERVER + path,
            # Years off: the phone's clock decides nothing.
            "iat": 946684800,
            "nonce": self.nonce,
            "ath": None if token is None else hash_of(token),
            **claims,
        }
        return jwt.encode(
            {name: value for name, value in said.items() if value is not None},
            self.private,
            "ES256",
            headers={"typ": "dpop+jwt", "jwk": self.jwk, **(header or {})},
        )

    def ask(
        self,
        client: FlaskClient,
        method: str,
        path: str,
        token: str | None = None,
        *,
        proof: str | None = None,
        **options: Any,  # noqa: ANN401 - options of the test client
    ) -> TestResponse:
        """Send one request with a proof, and keep the nonce of its answer."""
        whole = f"/api/v1{path}"
        headers = {"DPoP": proof or self.proof(method, whole, token)}
        if token is not None:
            headers["Authorization"] = f"DPoP {token}"
        answer = client.open(whole, method=method, headers=headers, **options)
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer


def hash_of(token: str) -> str:
    """Give the `ath` of an access token."""
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
