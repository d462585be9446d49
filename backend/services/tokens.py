"""Tokens: short signed access tokens, and opaque refresh tokens of which only hashes are kept."""

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

import jwt

from backend.config import Config
from backend.errors import Unauthorised

_ISSUER = "pro-ae"
_AUDIENCE = "pro-ae/api/v1"
_ALGORITHM = "HS256"
_REQUIRED = ("aud", "exp", "iat", "iss", "jti", "sid")
# 128 bits of a keyed hash: as much as anybody could ever try.
_MARK_LENGTH = 32


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client holds: `access_token` for `expires_in` seconds, and one to get the next."""

    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str = field(repr=False)


def new_refresh_token(config: Config, session_id: str) -> str:
    """Make an opaque token: its family, 256 random bits, and a mark that it is one of ours."""
    body = f"{session_id}.{secrets.token_urlsafe(32)}"
    return f"{body}.{_mark(config, body)}"


def session_of(refresh_token: str) -> str:
    """Give the family that a refresh token names."""
    return refresh_token.partition(".")[0]


def is_genuine(config: Config, refresh_token: str) -> bool:
    """Tell whether a refresh token was once made here, though it may be long used up.

    This is what makes reuse of a token from a guess: whoever learns the id of a family (it stands
    in the audit trail) cannot end it by sending nonsense. After a change of the secret key, old
    tokens are no longer recognised: they are refused, and end nothing.
    """
    body, _, mark = refresh_token.rpartition(".")
    return hmac.compare_digest(mark.encode(), _mark(config, body).encode())


def sha256(secret: str) -> str:
    """Give what is stored of a refresh token: with 256 random bits a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def keyed_hash(config: Config, purpose: str, secret: str) -> str:
    """Give what is stored of something guessable (an e-mail, a code of 60 bits, an address)."""
    text = f"{purpose}\0{secret}".encode()
    return hmac.new(config.secret_key.encode(), text, hashlib.sha256).hexdigest()


def sign_access(config: Config, session_id: str, token_id: str, *, now: dt.datetime) -> str:
    """Sign an access token for a family; it holds no name, role, site or subject."""
    issued = int(now.timestamp())
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "iat": issued,
        "exp": issued + config.access_token_seconds,
        "jti": token_id,
        "sid": session_id,
    }
    return jwt.encode(claims, config.secret_key, _ALGORITHM, headers={"kid": _key_id(config)})


def read_access(config: Config, token: str, *, now: dt.datetime) -> str:
    """Give the family of a good access token.

    Raises:
        Unauthorised: it is not ours, changed, or expired by our own clock.
    """
    try:
        # An access token lives minutes: after a change of the secret key the client refreshes.
        if jwt.get_unverified_header(token).get("kid") != _key_id(config):
            raise Unauthorised
        claims = jwt.decode(
            token,
            config.secret_key,
            [_ALGORITHM],
            issuer=_ISSUER,
            audience=_AUDIENCE,
            # The injected clock decides, not the machine's.
            options={"verify_exp": False, "verify_iat": False, "require": list(_REQUIRED)},
        )
    except jwt.InvalidTokenError as error:
        raise Unauthorised from error
    if claims["exp"] <= now.timestamp():
        raise Unauthorised
    return str(claims["sid"])


def _mark(config: Config, body: str) -> str:
    return keyed_hash(config, "refresh", body)[:_MARK_LENGTH]


def _key_id(config: Config) -> str:
    # From the key itself, so that nobody has to name keys; keyed, so that it tells nothing of it.
    return keyed_hash(config, "key-id", "")[:8]
