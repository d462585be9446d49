"""A phone's tokens are good only with its key: proofs asked for, compared with the request, taken once.

RFC 9449 (DPoP). When a proof was made is told by a nonce of ours, not by the phone's clock: phones are
wrong by minutes after a journey and by years after an empty battery, and such a phone must still report.
"""

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass, field

from backend.config import Config
from backend.dpop import Proof, ProofError, hash_of_token, read_proof
from backend.errors import ProofNeeded
from backend.models.proof import take_proof
from backend.services.tokens import keyed_hash, keyed_hashes

# A nonce is good in its own window and the next (P): 5 to 10 minutes, of which a slow network needs one.
NONCE_SECONDS = 300
_PURPOSE = "dpop-nonce"
_MARK_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request has beside its token: the text of its proof (None: none), its method and path.

    `bound` tells whether the token came as one that is bound to a key (`DPoP …`), not as a bearer's.
    """

    text: str | None = field(repr=False)
    method: str
    path: str
    bound: bool = False


def nonce_at(config: Config, now: dt.datetime) -> str:
    """Give the nonce of this moment: of no phone and no worker, so that none has to be kept."""
    window = str(_window(now))
    return f"{window}.{keyed_hash(config, _PURPOSE, window)[:_MARK_LENGTH]}"


def key_of(presented: Presented, *, config: Config, now: dt.datetime) -> str | None:
    """Give the key that a phone proves as it is activated; None: it has none.

    Without a nonce: the code is good once, and whoever sends another's proof gets tokens that only the
    other could use.

    Raises:
        ProofNeeded: the proof is no good, or there is none and the study asks for one.
    """
    if presented.text is None:
        if config.require_device_binding:
            raise ProofNeeded(nonce_at(config, now))
        return None
    return _read(presented, config, now).key


def check_proof(
    presented: Presented, key: str, *, access_token: str | None, config: Config, now: dt.datetime
) -> None:
    """Check that a request was made by the holder of `key`, for this very request, now and once.

    Raises:
        ProofNeeded: it was not; with the nonce for the next proof.
    """
    proof = _read(presented, config, now)
    nonce = nonce_at(config, now)
    if not hmac.compare_digest(proof.key, key):
        raise ProofNeeded(nonce)
    ath = None if access_token is None else hash_of_token(access_token)
    if ath is not None and not hmac.compare_digest(proof.ath or "", ath):
        raise ProofNeeded(nonce)
    if not _is_recent(proof.nonce, config, now):
        raise ProofNeeded(nonce, error="use_dpop_nonce")
    once = f"{key}/{hashlib.sha256(proof.jti.encode()).hexdigest()}"
    # Three windows: this one, the next in which the nonce is good, and one for clocks that differ.
    if not take_proof(once, expires_at=now + dt.timedelta(seconds=3 * NONCE_SECONDS)):
        raise ProofNeeded(nonce)


def _read(presented: Presented, config: Config, now: dt.datetime) -> Proof:
    try:
        proof = read_proof(presented.text or "")
    except ProofError as error:
        raise ProofNeeded(nonce_at(config, now)) from error
    if (proof.method, proof.path) != (presented.method, presented.path):
        raise ProofNeeded(nonce_at(config, now))
    return proof


def _is_recent(nonce: str | None, config: Config, now: dt.datetime) -> bool:
    # The next window too: the clock of the machine that gave it may be a little ahead of ours.
    given, here = (nonce or "").encode(), _window(now)
    return any(
        hmac.compare_digest(given, f"{window}.{mark[:_MARK_LENGTH]}".encode())
        for window in (here, here - 1, here + 1)
        for mark in keyed_hashes(config, _PURPOSE, str(window))
    )


def _window(now: dt.datetime) -> int:
    return int(now.timestamp()) // NONCE_SECONDS
