"""A phone's proof that it holds its key (DPoP, RFC 9449): read and checked for what it says, pure."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import jwt

# What every browser's WebCrypto can make and keep to itself, and what RFC 9449 asks of all.
ALGORITHM = "ES256"
_TYPE = "dpop+jwt"
_REQUIRED = ("jti", "htm", "htu", "iat")
_LONGEST = 4096
_LONGEST_JTI = 200


class ProofError(Exception):
    """A proof is not one, or its signature is not of the key that it names."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof says: `key` is the thumbprint of who signed it (RFC 7638).

    `path` is that of `htu` alone: scheme and host are those of the proxy in front, which we do not see.
    `ath` is the hash of the access token that it goes with, `nonce` what the server gave.
    """

    key: str
    jti: str
    method: str
    path: str
    ath: str | None
    nonce: str | None


def read_proof(text: str) -> Proof:
    """Read a proof and check its signature; whether it is for this request is for the caller.

    `iat` must be there and is not compared: a phone's clock may be years off, and the nonce says when
    the proof was made by our own clock (RFC 9449, 4.3 item 11).

    Raises:
        ProofError: not a proof, of another kind of key, or with a wrong signature.
    """
    if len(text) > _LONGEST:
        raise ProofError
    try:
        header = jwt.get_unverified_header(text)
        public = _public_key(header)
        claims = jwt.decode(
            text,
            jwt.PyJWK(public, ALGORITHM),
            [ALGORITHM],
            options={
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "require": list(_REQUIRED),
            },
        )
        method, address, jti = claims["htm"], claims["htu"], claims["jti"]
        path = unquote(urlsplit(address).path)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError) as error:
        # RecursionError: JSON that is nested deeper than anything that means to be read.
        raise ProofError from error
    if _text(method) is None or not 0 < len(_text(jti) or "") <= _LONGEST_JTI:
        raise ProofError
    return Proof(
        key=_thumbprint(public),
        jti=jti,
        method=method,
        path=path,
        ath=_text(claims.get("ath")),
        nonce=_text(claims.get("nonce")),
    )


def hash_of_token(access_token: str) -> str:
    """Give the `ath` that belongs to an access token."""
    return _base64url(hashlib.sha256(access_token.encode()).digest())


def _public_key(header: dict[str, Any]) -> dict[str, str]:
    key = header.get("jwk")
    if header.get("typ") != _TYPE or header.get("alg") != ALGORITHM or not isinstance(key, dict):
        raise ProofError
    # A private key in a proof is nobody's secret any more.
    if "d" in key or key.get("kty") != "EC" or key.get("crv") != "P-256":
        raise ProofError
    x, y = key.get("x"), key.get("y")
    if not isinstance(x, str) or not isinstance(y, str):
        raise ProofError
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def _thumbprint(public: dict[str, str]) -> str:
    # RFC 7638: the required members, in the order of their names, without a blank.
    plain = json.dumps(public, separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(plain.encode()).digest())


def _base64url(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _text(value: object) -> str | None:
    # What a proof has in text is of our own making or random: ASCII, which every hash can take.
    return value if isinstance(value, str) and value.isascii() else None
