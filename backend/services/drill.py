"""A drill: back up, restore beside, compare each row, throw the copy away, say how long it took."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backend.files.dump import Manifest
from backend.models import raw
from backend.services.backup import make_backup
from backend.services.restore import fill


@dataclass(frozen=True, slots=True)
class Drill:
    """What a drill found; `size` is the file's in bytes, the times are seconds."""

    manifest: Manifest
    size: int
    backup_seconds: float
    restore_seconds: float


def run_drill(
    folder: Path, *, study_id: str, clock: Callable[[], datetime], ids: Callable[[], str]
) -> Drill:
    """Back this database up and restore it into a new one of the same server, which is dropped.

    The key is made for the drill and forgotten: the machine that makes backups cannot open the others.

    Raises:
        RestoreError: the restored database does not hold the same.
        NoViewError: the server did not keep the view of one moment.
    """
    key, name = X25519PrivateKey.generate(), ids()
    path, copy = folder / f"drill-{name}", raw.beside(f"{raw.here().name}_drill_{name[:8]}")
    try:
        began = time.monotonic()
        make_backup(path, key.public_key(), study_id=study_id, clock=clock, ids=ids)
        between = time.monotonic()
        manifest = fill(path, key, copy, expected=None, again=False, now=clock())
        ended = time.monotonic()
        return Drill(manifest, path.stat().st_size, between - began, ended - between)
    finally:
        path.unlink(missing_ok=True)
        raw.drop_database(copy)
