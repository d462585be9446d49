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
    """What a client holds: `access_token` for `expires_in` seconds, and one to get the next.

    `token_type` is `DPoP` where both are good only with the phone's key.
    """

    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str = field(repr=False)
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme


def new_refresh_token(config: Config, session_id: str) -> str:
    """Make an opaque token: its family, 256 random bits, and a mark that it is one of ours."""
    body = f"{session_id}.{secrets.token_urlsafe(32)}"
    return f"{body}.{_mark(config.secret_key, body)}"


def session_of(refresh_token: str) -> str:
    """Give the family that a refresh token names."""
    return refresh_token.partition(".")[0]


def is_genuine(config: Config, refresh_token: str) -> bool:
    """Tell whether a refresh token was once made here, though it may be long used up.

    This is what makes reuse of a token from a guess: whoever learns the id of a family (it stands
    in the audit trail) cannot end it by sending nonsense. Marks of a key that is no longer accepted
    are not recognised: such a used-up token is refused, and ends nothing.
    """
    body, _, mark = refresh_token.rpartition(".")
    given = mark.encode()
    return any(hmac.compare_digest(given, _mark(key, body).encode()) for key in _ring(config))


def sha256(secret: str) -> str:
    """Give what is stored of a refresh token: with 256 random bits a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def keyed_hash(config: Config, purpose: str, secret: str) -> str:
    """Give what is stored of something guessable (an e-mail, a code of 60 bits, an address)."""
    return _keyed(config.secret_key, purpose, secret)


def keyed_hashes(config: Config, purpose: str, secret: str) -> tuple[str, ...]:
    """Give under what it may be stored, by each key that is accepted; the one in force comes first."""
    return tuple(_keyed(key, purpose, secret) for key in _ring(config))


def lasting_hash(config: Config, purpose: str, secret: str) -> str:
    """Give the hash of what two processes must count together while the key changes.

    By the oldest key that is accepted: it is the same before and after the switch, so that nobody
    gets a second set of attempts from a web process that has not switched yet.
    """
    return _keyed(config.secret_key_previous or config.secret_key, purpose, secret)


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
    return jwt.encode(
        claims, config.secret_key, _ALGORITHM, headers={"kid": _key_id(config.secret_key)}
    )


def read_access(config: Config, token: str, *, now: dt.datetime) -> str:
    """Give the family of a good access token.

    Raises:
        Unauthorised: it is not ours, changed, or expired by our own clock.
    """
    try:
        # The header only chooses among our keys; none of them, and the token is not ours.
        named = jwt.get_unverified_header(token).get("kid")
        key = next((key for key in _ring(config) if _key_id(key) == named), None)
        if key is None:
            raise Unauthorised
        claims = jwt.decode(
            token,
            key,
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


def _ring(config: Config) -> tuple[str, ...]:
    """Give the keys that are accepted: the one that signs, then those around it in time."""
    around = (config.secret_key_next, config.secret_key_previous)
    return (config.secret_key, *(key for key in around if key is not None))


def _keyed(key: str, purpose: str, secret: str) -> str:
    text = f"{purpose}\0{secret}".encode()
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def _mark(key: str, body: str) -> str:
    return _keyed(key, "refresh", body)[:_MARK_LENGTH]


def _key_id(key: str) -> str:
    # From the key itself, so that nobody has to name keys; keyed, so that it tells nothing of it.
    return _keyed(key, "key-id", "")[:8]
