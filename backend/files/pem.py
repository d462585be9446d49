"""Private keys in PEM files: written once for their owner alone, read back as the kind that is needed."""

from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from backend.files.whole import new_file

Key = TypeVar("Key")


class UnusableFileError(Exception):
    """A file or key cannot be used; the text says which and why."""


def write_private_key(path: Path, key: PrivateKeyTypes) -> None:
    """Write a private key in a new file, readable by its owner alone; those rights are what guards it.

    Raises:
        FileExistsError: there is one; it is never written over.
    """
    with new_file(path) as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def read_private_key(path: Path, kind: type[Key], name: str) -> Key:
    """Read a private key of one kind; `name` is what a person calls it, such as `an X25519 key`.

    Raises:
        UnusableFileError: it is not there, no private key in PEM, or one of another kind.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        message = f"{path} is no private key in PEM that can be read"
        raise UnusableFileError(message) from error
    if not isinstance(key, kind):
        message = f"{path} is not {name}"
        raise UnusableFileError(message)
    return key
