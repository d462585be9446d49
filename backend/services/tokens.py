"""Tokens: short signed access tokens, and opaque refresh tokens of which only hashes are kept."""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import jwt

from backend.config import Config
from backend.errors import Unauthorised

_ISSUER = "pro-ae"
_ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client holds: `access_token` for `expires_in` seconds, and one to get the next."""

    access_token: str
    expires_in: int
    refresh_token: str


def new_refresh_token(session_id: str) -> str:
    """Make an opaque token that names its family and nothing else."""
    return f"{session_id}.{secrets.token_urlsafe(32)}"


def session_of(refresh_token: str) -> str:
    """Give the family that a refresh token names."""
    return refresh_token.partition(".")[0]


def sha256(secret: str) -> str:
    """Give what is stored of a secret: these have 160 bits and more, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign_access(config: Config, session_id: str, *, now: dt.datetime) -> str:
    """Sign an access token for a family; it holds no name, role or site."""
    claims = {
        "iss": _ISSUER,
        "sid": session_id,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + config.access_token_seconds,
    }
    return jwt.encode(claims, config.secret_key, _ALGORITHM)


def read_access(config: Config, token: str, *, now: dt.datetime) -> str:
    """Give the family of a good access token.

    Raises:
        Unauthorised: it is not ours, changed, or expired by our own clock.
    """
    try:
        claims = jwt.decode(
            token,
            config.secret_key,
            [_ALGORITHM],
            issuer=_ISSUER,
            # The injected clock decides, not the machine's.
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "sid", "iss"]},
        )
    except jwt.InvalidTokenError as error:
        raise Unauthorised from error
    if claims["exp"] <= now.timestamp():
        raise Unauthorised
    return str(claims["sid"])
