"""A real MongoDB for the tests: a one-node replica set of the binary that MONGOD names."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from backend.embedded import free_port
from backend.processes import spawn, stop

_SET = "tests"
_START_SECONDS = 60.0
_ALREADY_INITIALISED = 23


class MongodError(Exception):
    """The given mongod did not become a primary."""


@contextmanager
def replica_set(binary: str, folder: Path) -> Iterator[str]:
    """Run `binary` as the only member of a replica set with data in `folder`; give its URI."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    process = spawn(
        [
            binary,
            *("--replSet", _SET, "--dbpath", str(folder)),
            *("--bind_ip", "127.0.0.1", "--port", str(port)),
        ],
        log=folder / "mongod.log",
    )
    try:
        _initiate(port)
        yield f"mongodb://127.0.0.1:{port}/?replicaSet={_SET}"
    finally:
        stop(process, patience=30)


def _initiate(port: int) -> None:
    member = {"_id": 0, "host": f"127.0.0.1:{port}"}
    with MongoClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=30_000
    ) as client:
        try:
            client.admin.command("replSetInitiate", {"_id": _SET, "members": [member]})
        except OperationFailure as error:
            if error.code != _ALREADY_INITIALISED:
                raise
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            try:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return
            except AutoReconnect:
                continue
            time.sleep(0.1)
    message = "the given mongod did not become primary"
    raise MongodError(message)
