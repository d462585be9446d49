"""The public half of the key that signs Web Push messages: what a page subscribes with."""

import base64
from functools import cache
from pathlib import Path

from backend.config import Config, ConfigurationError


def application_server_key(config: Config) -> str | None:
    """Give the uncompressed P-256 point as base64url without padding; None: not configured.

    Raises:
        ConfigurationError: the key file is no P-256 private key in PEM, or cannot be read.
    """
    file = config.webpush_key_file
    return None if file is None else _public_key(file)


@cache
def _public_key(file: Path) -> str:
    # Only a process that is asked for it pays for the import.
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    message = "WEBPUSH_KEY_FILE must be a readable P-256 private key in PEM."
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, TypeError, ValueError) as error:
        raise ConfigurationError(message) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ConfigurationError(message)
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode("ascii")
