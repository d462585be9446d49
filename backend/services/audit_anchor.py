"""Anchors: the ends of the audit trail's chains, signed and kept in files outside of the database.

One file an interval, each naming the digest of the one before. Ed25519 (RFC 8032); the public key is
all that a verifier needs. Where the folder is one that the database's people cannot write to (a
write-once store, another machine), no entry older than the newest anchor can be changed unseen.
"""

import base64
import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from backend.files.pem import UnusableFileError, read_private_key, write_private_key
from backend.files.whole import new_file
from backend.models import audit_chain

FORMAT = "pro-ae-audit-anchor/1"
_NAME = "audit-{at:%Y%m%dT%H%M%SZ}.json"
_GLOB = "audit-*.json"
# Two machines' clocks, and transactions that were under way: heads this much older are told again.
_OVERLAP = dt.timedelta(hours=1)


class AnchorError(Exception):
    """An anchor or key cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """What a folder of anchors holds: digests by stream and place, and how many files."""

    digests: Mapping[str, Mapping[int, str]]
    files: int
    newest: dt.datetime | None


def new_key(path: Path) -> None:
    """Make a signing key in a new file, readable by its owner alone.

    Raises:
        FileExistsError: there is one; it is never written over.
    """
    write_private_key(path, Ed25519PrivateKey.generate())


def read_key(path: Path) -> Ed25519PrivateKey:
    """Read a signing key.

    Raises:
        AnchorError: it is not there, or no Ed25519 key in PEM.
    """
    try:
        # Its class is abstract by name only: the library's own keys are instances of it.
        return read_private_key(path, Ed25519PrivateKey, "an Ed25519 key")  # type: ignore[type-abstract]
    except UnusableFileError as error:
        raise AnchorError(str(error)) from error


def public_text(key: Ed25519PublicKey) -> str:
    """Give a public key as a verifier keeps it: 32 bytes in base64."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def is_due(folder: Path, every: dt.timedelta, *, now: dt.datetime) -> bool:
    """Tell whether the newest anchor is older than the interval."""
    newest = _files(folder)[-1:]
    return not newest or now - _time_of(newest[0]) >= every


def anchor(folder: Path, key: Ed25519PrivateKey, *, study_id: str, now: dt.datetime) -> int:
    """Write the ends of all chains that grew since the newest anchor; give how many.

    Raises:
        AnchorError: the newest anchor cannot be read.
        FileExistsError: there is one of this second.
    """
    files = _files(folder)
    since = _time_of(files[-1]) - _OVERLAP if files else None
    ends = [[head.id, head.seq, head.sha256] for head in audit_chain.heads(since=since)]
    told: dict[str, Any] = {
        "format": FORMAT,
        "study": study_id,
        "at": now.isoformat(timespec="milliseconds"),
        "previous": hashlib.sha256(files[-1].read_bytes()).hexdigest() if files else None,
        "heads": ends,
        "key": public_text(key.public_key()),
    }
    told["signature"] = base64.b64encode(key.sign(_signed(told))).decode()
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, indent=0, ensure_ascii=False)
    with new_file(folder / _NAME.format(at=now)) as file:
        # For everybody to read, and for nobody to write any more.
        os.fchmod(file.fileno(), 0o444)
        file.write(text.encode())
    return len(ends)


def read_anchors(folder: Path, public_key: str | None) -> Anchors:
    """Read every anchor of a folder and check signature and order.

    `public_key` None: the signatures are checked with the key that the anchors name themselves, which
    shows a torn or changed file, and no forger.

    Raises:
        AnchorError: a signature is not right, a file is missing between two, or one is none of ours.
    """
    digests: dict[str, dict[int, str]] = {}
    before: str | None = None
    files = _files(folder)
    for file in files:
        content = file.read_bytes()
        told = _checked(file, content, public_key)
        if told["previous"] != before:
            message = f"{file.name} does not follow the anchor before it: one is missing or another"
            raise AnchorError(message)
        before = hashlib.sha256(content).hexdigest()
        for stream, seq, sha256 in told["heads"]:
            if digests.setdefault(stream, {}).setdefault(seq, sha256) != sha256:
                message = f"{file.name} and an earlier anchor differ on {stream}, place {seq}"
                raise AnchorError(message)
    return Anchors(digests, len(files), _time_of(files[-1]) if files else None)


def _checked(file: Path, content: bytes, public_key: str | None) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(content)
        given = base64.b64decode(told["signature"])
        key = base64.b64decode(public_key or told["key"])
        Ed25519PublicKey.from_public_bytes(key).verify(given, _signed(told))
    except (ValueError, KeyError, TypeError) as error:
        message = f"{file.name} is no anchor"
        raise AnchorError(message) from error
    except InvalidSignature as error:
        message = f"{file.name} was not signed with this key, or was changed since"
        raise AnchorError(message) from error
    return told


def _signed(told: Mapping[str, Any]) -> bytes:
    body = {name: value for name, value in told.items() if name != "signature"}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(_GLOB)) if folder.is_dir() else []


def _time_of(file: Path) -> dt.datetime:
    try:
        return dt.datetime.strptime(file.name, "audit-%Y%m%dT%H%M%SZ.json").replace(tzinfo=dt.UTC)
    except ValueError as error:
        message = f"{file.name} is not named as an anchor is"
        raise AnchorError(message) from error
