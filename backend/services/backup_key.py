"""The keys of backups: the public one on the machine that makes them, the private one elsewhere."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from backend.files.pem import UnusableFileError, read_private_key


def read_public(path: Path) -> X25519PublicKey:
    """Read the key that backups are sealed for.

    Raises:
        UnusableFileError: it is not there, or no X25519 public key in PEM.
    """
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        message = f"{path} is no public key in PEM that can be read"
        raise UnusableFileError(message) from error
    if not isinstance(key, X25519PublicKey):
        message = f"{path} is not an X25519 key"
        raise UnusableFileError(message)
    return key


def read_private(path: Path) -> X25519PrivateKey:
    """Read the key that opens backups.

    Raises:
        UnusableFileError: it is not there, or no X25519 private key in PEM.
    """
    # Its class is abstract by name only: the library's own keys are instances of it.
    return read_private_key(path, X25519PrivateKey, "an X25519 key")  # type: ignore[type-abstract]


def public_pem(key: X25519PublicKey) -> str:
    """Give a public key as the machine that makes backups keeps it."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
