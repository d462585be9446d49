"""Backups: every stored document of one moment, byte for byte, in a file that one key opens."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from pymongo.client_session import ClientSession

from backend.db import transaction
from backend.files.dump import DumpReader, DumpWriter, Manifest
from backend.files.pem import UnusableFileError
from backend.files.sealed import fingerprint
from backend.files.whole import new_file
from backend.models import backup as backups
from backend.models import raw
from backend.models import restore as restores
from backend.models.activation import ActivationCodeDocument
from backend.models.audit import AuditEntry, append
from backend.models.backup import DONE, FAILED, RUNNING, BackupRecord
from backend.models.device import DeviceDocument
from backend.models.registry import DOCUMENTS
from backend.models.session import SessionDocument
from backend.models.staff import StaffDocument
from backend.services.kept import MACHINE

# At the end of each backup, and so of each restore: without them nobody can sign in and write.
PEOPLE = tuple(
    str(document._get_collection_name())  # noqa: SLF001 - mongoengine's way to ask
    for document in (StaffDocument, DeviceDocument, ActivationCodeDocument, SessionDocument)
)
# Counts of attempts and requests, which the database itself lets go by their time: a restore that is
# compared row by row would miss them, and nobody would miss them otherwise.
FLEETING = frozenset(
    str(document._get_collection_name())  # noqa: SLF001 - the same
    for document in DOCUMENTS
    if any("expireAfterSeconds" in index for index in document._meta["indexes"])  # noqa: SLF001
)
# Collections may be made while the list of them is read.
_LISTINGS = 5


def make_backup(
    path: Path,
    recipient: X25519PublicKey,
    *,
    study_id: str,
    clock: Callable[[], dt.datetime],
    ids: Callable[[], str],
) -> Manifest:
    """Write all that is stored now into a new file that the recipient's private key opens.

    The audit trail says so before anything is read, and again when the file is whole.

    Raises:
        FileExistsError: the file is there already.
        NoViewError: the server did not keep the view of one moment.
    """
    if path.exists():
        raise FileExistsError(path)
    record = BackupRecord(ids(), clock(), fingerprint(recipient), RUNNING)
    _begin(record, ids)
    about = {"backup": record.id, "study": study_id, "at": record.begun_at.isoformat()}
    try:
        with new_file(path) as file:
            manifest = _write(DumpWriter(file, recipient, about), record.id)
    except BaseException:
        backups.settle_backup(record.id, FAILED)
        raise
    _finish(record, manifest, clock(), ids)
    return manifest


def read_backup(path: Path, key: X25519PrivateKey, expected: str | None = None) -> Manifest:
    """Read a backup to its end and give its manifest: each chunk and each digest was right.

    `expected` is the manifest's SHA-256 as it was written down when the backup was made. Without it
    a backup proves that it was not changed since, and not by whom it was made: the key that seals is
    public.

    Raises:
        UnusableFileError: sealed for another key, changed, cut off, another one, or no backup.
    """
    reader = DumpReader(path, key)
    for _ in reader:
        pass
    return known(reader, expected)


def known(reader: DumpReader, expected: str | None) -> Manifest:
    """Give the manifest of a backup that was read to its end.

    Raises:
        UnusableFileError: it is not the one that is expected.
    """
    manifest = reader.manifest
    if manifest is None or (expected is not None and manifest.sha256 != expected):
        message = f"{reader.path.name} is another backup than the one that is expected"
        raise UnusableFileError(message)
    return manifest


def _begin(record: BackupRecord, ids: Callable[[], str]) -> None:
    entry = AuditEntry(
        id=ids(),
        at=record.begun_at,
        actor_id=MACHINE,
        action="backup:begin",
        target=f"backup/{record.id}",
        details={"recipient": record.recipient},
    )

    def story(session: ClientSession) -> None:
        backups.insert_backup(record, session=session)
        append(entry, session=session)

    transaction(story)


def _write(writer: DumpWriter, backup_id: str) -> Manifest:
    where = raw.here()
    for _ in range(_LISTINGS):
        before = raw.collection_names(where)
        with raw.one_moment(where, lambda s: backups.stands_still(backup_id, s)) as session:
            if raw.collection_names(where) != before:
                continue
            for name in in_order(before):
                writer.begin(name)
                for document in raw.raw_documents(where, name, session):
                    writer.add(document)
        return writer.finish()
    message = "collections were made all the time"
    raise raw.NoViewError(message)


def in_order(names: tuple[str, ...]) -> list[str]:
    """Give the collections that a backup holds, in its order."""
    left_out = FLEETING | {restores.collection_name()}
    held = [name for name in names if name not in left_out]
    others = [name for name in held if name not in PEOPLE]
    return others + [name for name in PEOPLE if name in held]


def _finish(
    record: BackupRecord, manifest: Manifest, now: dt.datetime, ids: Callable[[], str]
) -> None:
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=MACHINE,
        action="backup:done",
        target=f"backup/{record.id}",
        details={"documents": manifest.documents, "sha256": manifest.sha256},
    )

    def story(session: ClientSession) -> None:
        backups.settle_backup(
            record.id,
            DONE,
            session=session,
            completed_at=now,
            documents=manifest.documents,
            size=manifest.size,
            sha256=manifest.sha256,
        )
        append(entry, session=session)

    transaction(story)
