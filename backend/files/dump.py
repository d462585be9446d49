"""Stored documents as a file: by collection, byte for byte, compressed and sealed, with a manifest.

Inside of the seal is a zlib stream (RFC 1950) of records: a letter, a length of four bytes, and so
many bytes. `C` begins a collection by its name, `D` is one document as BSON, `M` is the manifest and
the end. The manifest has the number and the SHA-256 of each collection's documents.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from backend.files.pem import UnusableFileError
from backend.files.sealed import SealedWriter, open_sealed

FORMAT = "pro-ae-backup/1"
_COLLECTION, _DOCUMENT, _MANIFEST = b"C", b"D", b"M"
_HEAD = 5
# MongoDB's own limit of a document (16 MiB) and some more; nothing longer is taken into memory.
_LONGEST = 17 * 1024 * 1024
# Most of what a higher level saves, in half its time (measured, docs/adr/0025).
_LEVEL = 4
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Held:
    """What a dump holds of one collection; `sha256` is of its documents, in the dump's order."""

    documents: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dump holds; `sha256` stands for all of it and for where and when it was made."""

    about: Mapping[str, Any]
    collections: Mapping[str, Held]
    sha256: str

    @property
    def documents(self) -> int:
        """Give the number of all documents."""
        return sum(held.documents for held in self.collections.values())

    @property
    def size(self) -> int:
        """Give the size of all documents as BSON."""
        return sum(held.size for held in self.collections.values())


@dataclass(slots=True)
class _Counted:
    documents: int = 0
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, raw: bytes) -> None:
        self.documents += 1
        self.size += len(raw)
        self.digest.update(raw)

    @property
    def held(self) -> Held:
        return Held(self.documents, self.size, self.digest.hexdigest())


class DumpWriter:
    """Writes collections one after the other; `finish` ends the dump."""

    def __init__(
        self, file: BinaryIO, recipient: X25519PublicKey, about: Mapping[str, Any]
    ) -> None:
        """Begin; `about` can be read without a key, so it must say nothing about anybody."""
        self._about = {"format": FORMAT, **about}
        self._sealed = SealedWriter(file, recipient, self._about)
        self._pressed = zlib.compressobj(_LEVEL)
        self._counted: dict[str, _Counted] = {}
        self._now = _Counted()

    def begin(self, collection: str) -> None:
        """Begin a collection; what is added from now on is its."""
        self._now = self._counted[collection] = _Counted()
        self._record(_COLLECTION, collection.encode())

    def add(self, raw: bytes) -> None:
        """Add one document as BSON."""
        self._now.add(raw)
        self._record(_DOCUMENT, raw)

    def finish(self) -> Manifest:
        """Write manifest and end."""
        manifest = _manifest(self._about, self._counted)
        self._record(_MANIFEST, _told(manifest))
        self._sealed.write(self._pressed.flush())
        self._sealed.close()
        return manifest

    def _record(self, kind: bytes, content: bytes) -> None:
        head = kind + len(content).to_bytes(_HEAD - 1, "big")
        self._sealed.write(self._pressed.compress(head) + self._pressed.compress(content))


class DumpReader:
    """Reads a dump once; `manifest` is there when all of it was read and found right."""

    def __init__(self, path: Path, key: X25519PrivateKey) -> None:
        self.path = path
        self.manifest: Manifest | None = None
        self._key = key

    def __iter__(self) -> Iterator[tuple[str, bytes | None]]:
        """Give each document with the name of its collection; None says that one begins.

        Raises:
            UnusableFileError: sealed for another key, changed, cut off, or no dump.
        """
        counted: dict[str, _Counted] = {}
        name, told = "", None
        with self.path.open("rb") as file:
            about, chunks = open_sealed(file, self._key)
            if about.get("format") != FORMAT:
                message = f"this is no {FORMAT}"
                raise UnusableFileError(message)
            for kind, content in _records(chunks):
                if told is not None:
                    message = "something follows the manifest"
                    raise UnusableFileError(message)
                if kind == _COLLECTION:
                    name = content.decode()
                    counted[name] = _Counted()
                    yield name, None
                elif kind == _DOCUMENT and name:
                    counted[name].add(content)
                    yield name, content
                elif kind == _MANIFEST:
                    told = content
                else:
                    message = "the dump holds a record of an unknown kind"
                    raise UnusableFileError(message)
        found = _manifest(about, counted)
        if told != _told(found):
            message = "the dump does not hold what its manifest says"
            raise UnusableFileError(message)
        self.manifest = found


def _records(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    waiting = bytearray()
    for piece in _unpressed(chunks):
        waiting += piece
        at = 0
        while len(waiting) - at >= _HEAD:
            length = int.from_bytes(waiting[at + 1 : at + _HEAD], "big")
            if length > _LONGEST:
                message = "the dump holds a record that is too long"
                raise UnusableFileError(message)
            end = at + _HEAD + length
            if len(waiting) < end:
                break
            yield bytes(waiting[at : at + 1]), bytes(waiting[at + _HEAD : end])
            at = end
        del waiting[:at]
    if waiting:
        message = "the dump ends within a record"
        raise UnusableFileError(message)


def _unpressed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Give the uncompressed content in pieces: a little must not become very much at once."""
    pressed = zlib.decompressobj()
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                yield pressed.decompress(rest, _PIECE)
                rest = pressed.unconsumed_tail
        yield pressed.flush()
    except zlib.error as error:
        message = "the dump is not compressed as it should be"
        raise UnusableFileError(message) from error
    if not pressed.eof or pressed.unused_data:
        message = "the dump's compressed stream has no end, or something follows it"
        raise UnusableFileError(message)


def _manifest(about: Mapping[str, Any], counted: Mapping[str, _Counted]) -> Manifest:
    collections = {name: found.held for name, found in counted.items()}
    manifest = Manifest(about, collections, "")
    return Manifest(about, collections, hashlib.sha256(_told(manifest)).hexdigest())


def _told(manifest: Manifest) -> bytes:
    held = {
        name: {"documents": one.documents, "bytes": one.size, "sha256": one.sha256}
        for name, one in manifest.collections.items()
    }
    return json.dumps({"about": dict(manifest.about), "collections": held}, sort_keys=True).encode()
