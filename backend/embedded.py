"""The embedded default database: SecantusDB, a separate program, as a child of this process."""

import signal
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from backend.processes import Child, program, spawn, stop

HOST = "127.0.0.1"
_START_SECONDS = 30.0
_STOP_SECONDS = 4.0
_STOP_TRIES = 3
_START_TRIES = 3


class EmbeddedServerError(Exception):
    """The embedded database did not start; the text holds the last lines of its log."""


class EmbeddedServer:
    """One server on loopback with its data in `storage`; no password, so for one's own machine.

    `port` None takes a free one at the first start and keeps it: a restart finds the same clients.
    Only one server at a time can open a storage folder.
    """

    def __init__(self, storage: Path, port: int | None = None) -> None:
        self.storage = storage.resolve()
        self.port = port
        self._process: Child | None = None

    @property
    def uri(self) -> str:
        """The connection string; before the first start of a server without a port, an error."""
        if self.port is None:
            message = "the embedded database has no port before it is started"
            raise EmbeddedServerError(message)
        return f"mongodb://{HOST}:{self.port}/?replicaSet=secantus"

    @property
    def log(self) -> Path:
        """The file with what the server says."""
        return self.storage / "server.log"

    def start(self) -> Self:
        """Start the server and return when it answers.

        Raises:
            EmbeddedServerError: it ended at once or does not answer within 30 seconds.
        """
        self.storage.mkdir(parents=True, exist_ok=True)
        if self.port is not None:
            self._start_on(self.port)
            return self
        for attempt in range(_START_TRIES):
            port = free_port()
            try:
                self._start_on(port)
            except EmbeddedServerError:
                # Another process can take the port between our look and the server's bind.
                if attempt == _START_TRIES - 1:
                    raise
            else:
                self.port = port
                break
        return self

    def stop(self) -> None:
        """End the server gracefully; nothing to do when it does not run."""
        if self._process is None:
            return
        for _ in range(_STOP_TRIES):
            # Again, because its Python sleeps through a signal that comes just before it waits.
            self._process.terminate()
            if self._has_ended():
                break
        self.kill()

    def kill(self) -> None:
        """End the server as a power cut would (SIGKILL): what was acknowledged is on the disk."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        """Start on entry."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop on leaving."""
        self.stop()

    def _has_ended(self) -> bool:
        deadline = time.monotonic() + _STOP_SECONDS
        while self._process is not None and self._process.poll() is None:
            if time.monotonic() > deadline:
                return False
            # A connection wakes the server's accept(), which else sleeps two seconds more.
            listens(self.port or 0)
            time.sleep(0.02)
        return True

    def _start_on(self, port: int) -> None:
        if listens(port):
            message = f"port {port} is in use"
            raise EmbeddedServerError(message)
        process = spawn(
            [
                program("secantusd-py"),
                *("--host", HOST, "--port", str(port)),
                *("--storage-path", str(self.storage)),
                # Without it one acknowledged transaction in 4,000 was lost at SIGKILL.
                "--sync-on-commit",
                *("--log-level", "ERROR"),
            ],
            log=self.log,
            # It may sleep through a SIGTERM (see stop), and loses nothing by this one.
            orphaned=signal.SIGKILL,
        )
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                stop(process, patience=0)
                raise EmbeddedServerError(self._explain())
        self._process = process

    def _explain(self) -> str:
        last = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        first = f"the embedded database did not start in {self.storage} (in use by another ./run?):"
        return "\n".join([first, *last])


def free_port() -> int:
    """Give a TCP port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether somebody listens on a TCP port of the loopback interface."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _answers(port: int) -> bool:
    client: MongoClient[dict[str, object]] = MongoClient(
        HOST, port, directConnection=True, serverSelectionTimeoutMS=100
    )
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    else:
        return True
    finally:
        client.close()
