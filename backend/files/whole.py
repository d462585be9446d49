"""A new file that is there whole or not at all, and that never takes another one's place."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write; it gets its name when the block has ended well and it is on the disk.

    Until then it is `.NAME.….part` beside it: a process that is killed leaves that and nothing else.
    Its owner alone may read it.

    Raises:
        FileExistsError: `path` is there already.
    """
    if path.exists():
        raise FileExistsError(path)
    # Random: two that write to one name must not get hold of each other's part. Mode 0600.
    descriptor, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, writes over nothing.
        os.link(part, path)
    finally:
        Path(part).unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
