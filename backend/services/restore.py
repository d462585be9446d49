"""Restores: a backup into an empty database, proven row by row before anybody may use it."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError

from backend.db import transaction
from backend.files.dump import DumpReader, Manifest
from backend.models import activation, data_cut, outbox, raw
from backend.models import restore as restores
from backend.models import session as sessions
from backend.models.audit import AuditEntry, append
from backend.models.indexes import migrate
from backend.models.raw import Where
from backend.models.restore import RUNNING
from backend.services.backup import PEOPLE, known, read_backup
from backend.services.kept import MACHINE

# What goes to the server at a time.
_MOST_DOCUMENTS = 500
_MOST_BYTES = 8 * 1024 * 1024


class RestoreError(Exception):
    """A restore was refused or did not come to its end; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: `manifest` of what it stored, and the sign-ins and codes that it ended."""

    manifest: Manifest
    sign_ins: int
    codes: int


def restore_backup(
    path: Path,
    key: X25519PrivateKey,
    *,
    expected: str | None,
    again: bool,
    clock: Callable[[], dt.datetime],
    ids: Callable[[], str],
) -> Restored:
    """Fill this process's database, which must be empty, from a backup.

    Until it has ended well the database says of itself that it is half restored, and `/readyz` fails.
    `again` takes a database in which a restore was cut off, empties it and begins anew. Afterwards
    staff must sign in again, codes must be printed again, phones stay, and no message about what
    was before goes out until `flask outbox release`.

    Raises:
        UnusableFileError: the backup is not whole, or the key is not its; nothing was stored.
        RestoreError: the database is not empty, or does not hold the same afterwards.
    """
    where = raw.here()
    manifest = fill(path, key, where, expected=expected, again=again, now=clock())
    return _open(where, manifest, clock(), ids)


def fill(
    path: Path,
    key: X25519PrivateKey,
    where: Where,
    *,
    expected: str | None,
    again: bool,
    now: dt.datetime,
) -> Manifest:
    """Store a backup's documents and indexes in an empty database and compare each; it stays marked.

    The backup is read three times: to prove it before anything is stored, to store it, to compare.

    Raises:
        UnusableFileError: the backup is not whole, or the key is not its; nothing was stored.
        RestoreError: the database is not empty, or does not hold the same afterwards.
    """
    manifest = read_backup(path, key, expected)
    _prepare(where, again=again)
    try:
        restores.begin_restore(where, str(manifest.about["backup"]), manifest.sha256, now=now)
        _load(DumpReader(path, key), where, manifest)
        _compare(DumpReader(path, key), where, manifest)
    except (BulkWriteError, DuplicateKeyError) as error:
        message = "something else writes to this database: stop web and clock, then restore again"
        raise RestoreError(message) from error
    return manifest


def _prepare(where: Where, *, again: bool) -> None:
    before = restores.find_restore(where)
    if before is not None and before.state == RUNNING:
        if not again:
            message = (
                "a restore into this database was cut off: give --again, which removes all that is "
                "in it and restores from the beginning"
            )
            raise RestoreError(message)
        raw.drop_all(where, last=restores.collection_name())
    if not raw.is_empty(where):
        message = f"the database {where.name} is not empty: restore into a new one"
        raise RestoreError(message)


def _load(reader: DumpReader, where: Where, manifest: Manifest) -> None:
    for name, documents in _batches(reader):
        if name not in PEOPLE:
            _store(where, name, documents)
    known(reader, manifest.sha256)
    migrate(where)
    cuts = {data_cut.cut_of(name) for name in manifest.collections}
    for cut in cuts - {None}:
        data_cut.make_copies(str(cut), where=where)


def _compare(reader: DumpReader, where: Where, manifest: Manifest) -> None:
    """Compare each document, by its bytes; the people come in now, when all else was found right."""
    for name, documents in _batches(reader):
        if name in PEOPLE:
            _store(where, name, documents)
        differing = raw.differing(where, name, documents) if documents else 0
        if differing:
            message = f"{differing} documents of {name} are not stored as they are in the backup"
            raise RestoreError(message)
        if not documents and name not in PEOPLE:
            _count(where, manifest, name)
    known(reader, manifest.sha256)
    for name in manifest.collections:
        _count(where, manifest, name)


def _count(where: Where, manifest: Manifest, name: str) -> None:
    expected, found = manifest.collections[name].documents, raw.count(where, name)
    if expected != found:
        message = f"{name} has {found} documents and not {expected}: does something else write?"
        raise RestoreError(message)


def _store(where: Where, name: str, documents: list[bytes]) -> None:
    if documents:
        raw.insert_raw(where, name, documents)
    else:
        raw.make_plain(where, name)


def _batches(reader: DumpReader) -> Iterator[tuple[str, list[bytes]]]:
    """Give documents of one collection at a time; none where a collection begins."""
    name, waiting, size = "", list[bytes](), 0
    for collection, document in reader:
        full = len(waiting) == _MOST_DOCUMENTS or size >= _MOST_BYTES
        if waiting and (full or document is None):
            yield name, waiting
            waiting, size = [], 0
        if document is None:
            name = collection
            yield name, []
        else:
            waiting.append(document)
            size += len(document)
    if waiting:
        yield name, waiting


def _open(where: Where, manifest: Manifest, now: dt.datetime, ids: Callable[[], str]) -> Restored:
    """Let the restored database be used: what may have ended since the backup ends now."""
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=MACHINE,
        action="backup:restore",
        target=f"backup/{manifest.about['backup']}",
        details={"documents": manifest.documents, "sha256": manifest.sha256},
    )

    def story(session: ClientSession) -> Restored:
        outbox.hold_all(session=session)
        sign_ins = sessions.revoke_sign_ins(at=now, why="restored", session=session)
        sessions.expect_newer_tokens(at=now, session=session)
        codes = activation.void_all_codes(at=now, session=session)
        restores.end_restore(where, now=now, documents=manifest.documents, session=session)
        append(entry, session=session)
        return Restored(manifest, sign_ins, codes)

    return transaction(story)
