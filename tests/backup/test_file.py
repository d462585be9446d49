"""A backup's file: any change to it is found, a foreign key opens nothing, half of it looks like half."""

import base64
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import bson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backend.files import sealed
from backend.files.dump import DumpReader, DumpWriter, Manifest
from backend.files.pem import UnusableFileError
from backend.files.sealed import SealedWriter, open_sealed
from backend.files.whole import new_file
from backend.services.backup import read_backup
from backend.services.backup_key import read_private, read_public

CHUNK = 64 * 1024
SEALED = CHUNK + 16
KEY = X25519PrivateKey.generate()
CHANCE = random.Random(20261127)  # noqa: S311 - a seed, so that a failure can be had again


def write(path: Path, documents: int = 300, size: int = 1000) -> Manifest:
    """Write a dump of several chunks: what is random is not compressed away."""
    with new_file(path) as file:
        writer = DumpWriter(file, KEY.public_key(), {"backup": "b", "study": "s"})
        writer.begin("empty")
        writer.begin("things")
        for number in range(documents):
            writer.add(bson.encode({"_id": number, "data": CHANCE.randbytes(size)}))
        return writer.finish()


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    write(tmp_path / "dump")
    return tmp_path / "dump"


def body(content: bytes) -> int:
    """Give where the chunks begin."""
    magic = content.index(b"\n") + 1
    return magic + 4 + int.from_bytes(content[magic : magic + 4], "big")


def test_what_was_written_is_read(dump: Path) -> None:
    reader = DumpReader(dump, KEY)
    found = [(name, raw) for name, raw in reader if raw is not None]
    assert [bson.decode(raw)["_id"] for _, raw in found] == list(range(300))
    assert reader.manifest is not None
    assert {name: held.documents for name, held in reader.manifest.collections.items()} == {
        "empty": 0,
        "things": 300,
    }
    assert (len(dump.read_bytes()) - body(dump.read_bytes())) // SEALED >= 4
    # No document stands in it readable.
    assert b"things" not in dump.read_bytes()


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def swapped(content: bytes) -> bytes:
    at = body(content)
    first, second = content[at : at + SEALED], content[at + SEALED : at + 2 * SEALED]
    return content[:at] + second + first + content[at + 2 * SEALED :]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "first byte of a chunk": lambda content: flipped(content, body(content)),
    "last byte": lambda content: flipped(content, len(content) - 1),
    "a byte within": lambda content: flipped(content, body(content) + 2 * SEALED + 99),
    "what the head says": lambda content: content.replace(b'"study": "s"', b'"study": "t"'),
    "cut within a chunk": lambda content: content[:-5],
    "cut at the end of a chunk": lambda content: content[: body(content) + 3 * SEALED],
    "no chunk left": lambda content: content[: body(content)],
    "cut within the head": lambda content: content[:50],
    "a chunk left out": lambda content: (
        content[: body(content)] + content[body(content) + SEALED :]
    ),
    "two chunks swapped": swapped,
    "a chunk twice": lambda content: content[: body(content) + SEALED] + content[body(content) :],
    "something behind": lambda content: content + b"\0",
    "a last chunk behind": lambda content: content + bytes(16),
    "another file's rest": lambda content: (
        content[: body(content) + SEALED] + other_file()[body(content) + SEALED :]
    ),
    "nothing": lambda _content: b"",
    "no backup": lambda _content: b"PK\3\4 some other file" * 9,
}


def other_file() -> bytes:
    file = io.BytesIO()
    writer = DumpWriter(file, KEY.public_key(), {"backup": "b", "study": "s"})
    writer.begin("things")
    for number in range(300):
        writer.add(bson.encode({"_id": number, "data": CHANCE.randbytes(1000)}))
    writer.finish()
    return file.getvalue()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_file_is_refused(dump: Path, change: Callable[[bytes], bytes]) -> None:
    changed = change(dump.read_bytes())
    assert changed != dump.read_bytes()
    dump.write_bytes(changed)
    with pytest.raises(UnusableFileError):
        read_backup(dump, KEY)


def test_each_single_byte_of_the_head_counts(dump: Path) -> None:
    content = dump.read_bytes()
    for at in range(0, body(content), 7):
        dump.write_bytes(flipped(content, at))
        with pytest.raises(UnusableFileError):
            read_backup(dump, KEY)


def test_a_foreign_key_opens_nothing_and_the_right_one_is_named(dump: Path) -> None:
    with pytest.raises(UnusableFileError, match=sealed.fingerprint(KEY.public_key())):
        read_backup(dump, X25519PrivateKey.generate())
    # Also where the head is made to name the other key.
    stranger = X25519PrivateKey.generate()
    names = [sealed.fingerprint(key.public_key()).encode() for key in (KEY, stranger)]
    dump.write_bytes(dump.read_bytes().replace(*names))
    with pytest.raises(UnusableFileError, match="sealed for another key"):
        read_backup(dump, stranger)


def test_a_sealed_file_that_is_no_dump_of_ours_is_refused(tmp_path: Path) -> None:
    for content in (b"no zlib", base64.b64decode("eJwDAAAAAAE=")):
        path = tmp_path / "other"
        with path.open("wb") as file:
            writer = SealedWriter(file, KEY.public_key(), {"format": "pro-ae-backup/1"})
            writer.write(content)
            writer.close()
        with pytest.raises(UnusableFileError):
            read_backup(path, KEY)
    with path.open("wb") as file:
        SealedWriter(file, KEY.public_key(), {"format": "another/1"}).close()
    with pytest.raises(UnusableFileError, match="this is no pro-ae-backup/1"):
        read_backup(path, KEY)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_every_length_ends_with_one_last_chunk(size: int) -> None:
    file, content = io.BytesIO(), CHANCE.randbytes(size)
    writer = SealedWriter(file, KEY.public_key(), {})
    for start in range(0, size, 1000):
        writer.write(content[start : start + 1000])
    writer.close()
    file.seek(0)
    _, chunks = open_sealed(file, KEY)
    found = list(chunks)
    assert b"".join(found) == content
    assert len(found) == max(1, -(-size // CHUNK))


def test_two_backups_of_the_same_share_no_chunk(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with new_file(tmp_path / name) as file:
            writer = DumpWriter(file, KEY.public_key(), {"backup": "b"})
            writer.begin("things")
            writer.add(bson.encode({"_id": 1}))
            writer.finish()
    one, two = (path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert one[body(one) :] != two[body(two) :]


def fail_half_way(path: Path) -> None:
    with new_file(path) as file:
        file.write(b"half")
        assert not path.exists()
        (part,) = path.parent.iterdir()
        assert part.name.startswith(".dump.")
        raise ZeroDivisionError


def test_a_file_has_its_name_when_it_is_whole_and_takes_no_other_s(tmp_path: Path) -> None:
    path = tmp_path / "dump"
    with pytest.raises(ZeroDivisionError):
        fail_half_way(path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileExistsError), new_file(path):
        # Another one is quicker meanwhile.
        path.write_bytes(b"first")
    assert path.read_bytes() == b"first"
    assert [found.name for found in tmp_path.iterdir()] == ["dump"]


def test_keys_of_another_kind_are_named(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("no key", encoding="ascii")
    for read in (read_private, read_public):
        with pytest.raises(UnusableFileError, match="PEM"):
            read(path)
    sealed.new_key(tmp_path / "private.pem")
    assert (tmp_path / "private.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(UnusableFileError):
        read_public(tmp_path / "private.pem")
    with pytest.raises(FileExistsError):
        sealed.new_key(tmp_path / "private.pem")


def test_the_head_says_what_an_operator_must_know_and_no_more(dump: Path) -> None:
    content = dump.read_bytes()
    head = json.loads(content[content.index(b"{") : body(content)])
    assert head.keys() == {"about", "recipient", "key"}
    assert head["about"] == {"format": "pro-ae-backup/1", "backup": "b", "study": "s"}
