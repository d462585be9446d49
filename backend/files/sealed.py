"""A stream that one private key alone can open, sealed chunk by chunk (docs/adr/0025).

The head names the recipient and holds the file's own key, sealed with HPKE (RFC 9180, base mode:
X25519, HKDF-SHA256, AES-256-GCM). The rest are chunks of 64 KiB under AES-256-GCM in the STREAM
construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015, as `age` uses it): the nonce is the chunk's
number and whether it is the last, so that none can be changed, moved, left out or cut off unseen.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from backend.files.pem import UnusableFileError, write_private_key

_MAGIC = b"pro-ae-sealed/1\n"
_INFO = b"pro-ae-sealed/1 file key"
_CHUNK = 64 * 1024
_TAG = 16
_LENGTH = 4
# The head is read before anything about it is known to be right.
_LONGEST_HEAD = 64 * 1024


class SealedWriter:
    """Seals what is written for one recipient; without `close` the stream has no end."""

    def __init__(
        self, file: BinaryIO, recipient: X25519PublicKey, about: Mapping[str, Any]
    ) -> None:
        """Write the head; `about` is readable for everybody and bound to every chunk."""
        key = AESGCM.generate_key(bit_length=256)
        head = json.dumps(
            {
                "about": about,
                "recipient": fingerprint(recipient),
                "key": base64.b64encode(_suite().encrypt(key, recipient, _INFO)).decode(),
            }
        ).encode()
        self._file = file
        self._cipher = AESGCM(key)
        self._bound = _bound(head)
        self._number = 0
        self._waiting = bytearray()
        file.write(_MAGIC + len(head).to_bytes(_LENGTH, "big") + head)

    def write(self, content: bytes) -> None:
        """Add some bytes."""
        self._waiting += content
        # A full chunk waits for what follows: only then is it known not to be the last.
        while len(self._waiting) > _CHUNK:
            self._seal(bytes(self._waiting[:_CHUNK]), last=False)
            del self._waiting[:_CHUNK]

    def close(self) -> None:
        """Write the last chunk; the file stays open."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), chunk, self._bound))
        self._number += 1


def read_head(file: BinaryIO) -> dict[str, Any]:
    """Read the head alone: what the file says of itself, which without a key is not proven.

    Raises:
        UnusableFileError: it is no sealed file.
    """
    return _head(file)[0]


def open_sealed(file: BinaryIO, key: X25519PrivateKey) -> tuple[Mapping[str, Any], Iterator[bytes]]:
    """Give what the head says and then the content, chunk by chunk.

    Each chunk is proven before it is given; that the last has come is known at the end of the iterator.

    Raises:
        UnusableFileError: sealed for another key, changed, cut off, or no sealed file.
    """
    told, bound = _head(file)
    try:
        sealed = base64.b64decode(told["key"], validate=True)
        if told["recipient"] != fingerprint(key.public_key()):
            message = f"the file is sealed for the key {told['recipient']}"
            raise UnusableFileError(message)
        cipher = AESGCM(_suite().decrypt(sealed, key, _INFO))
        about: Mapping[str, Any] = told["about"]
    except (KeyError, TypeError, ValueError, binascii.Error, InvalidTag) as error:
        message = "the file's head was changed, or it is sealed for another key"
        raise UnusableFileError(message) from error
    return about, _chunks(file, cipher, bound)


def fingerprint(key: X25519PublicKey) -> str:
    """Name a public key by the beginning of its SHA-256."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def _chunks(file: BinaryIO, cipher: AESGCM, bound: bytes) -> Iterator[bytes]:
    number = 0
    sealed = file.read(_CHUNK + _TAG)
    while True:
        following = file.read(_CHUNK + _TAG)
        last = not following
        try:
            chunk = cipher.decrypt(_nonce(number, last=last), sealed, bound)
        except (InvalidTag, ValueError) as error:
            message = f"the file is cut off, or was changed at or before its chunk {number}"
            raise UnusableFileError(message) from error
        yield chunk
        if last:
            return
        number, sealed = number + 1, following


def _head(file: BinaryIO) -> tuple[dict[str, Any], bytes]:
    magic = file.read(len(_MAGIC))
    length = int.from_bytes(file.read(_LENGTH), "big")
    if magic != _MAGIC or length > _LONGEST_HEAD:
        message = "this is no sealed file of this version"
        raise UnusableFileError(message)
    head = file.read(length)
    try:
        told = json.loads(head)
    except ValueError as error:
        message = "the file's head was changed or cut off"
        raise UnusableFileError(message) from error
    if not isinstance(told, dict):
        message = "the file's head was changed"
        raise UnusableFileError(message)
    return told, _bound(head)


def _bound(head: bytes) -> bytes:
    return hashlib.sha256(_MAGIC + head).digest()


def _nonce(number: int, *, last: bool) -> bytes:
    # Each file has its own key, so that a number is never used twice with one.
    return number.to_bytes(11, "big") + bytes([last])


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_key(path: os.PathLike[str]) -> X25519PrivateKey:
    """Make a private key in a new file, readable by its owner alone.

    Raises:
        FileExistsError: there is one; it is never written over.
    """
    key = X25519PrivateKey.generate()
    write_private_key(Path(path), key)
    return key
