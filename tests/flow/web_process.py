"""A real web process: started, asked as a phone asks, killed at any moment and started again."""

import http.client
import json
import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from backend.embedded import HOST, free_port, listens
from backend.processes import Child, program, spawn, stop

# What a killed process left open in the database may hold a patient for a minute, twice in a row.
PATIENCE = 150.0
# In place of a status: nobody listens; the connection ended before the answer did.
NOBODY, CUT = 0, -1
_BOOTED = re.compile(r"Booting worker with pid: (\d+)")


class Web:
    """The web process of the system, which can be killed and started again on the same port."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._environment = environment
        self._log = log
        self._master: Child | None = None

    def start(self) -> None:
        """Start it as `backend.serve` does, and return when it answers."""
        self._master = spawn(
            [program("gunicorn"), "--bind", f"{HOST}:{self.port}", "wsgi:app"],
            environment=self._environment,
            log=self._log,
        )
        await_true(lambda: ask(self.port, "GET", "/livez")[0] == http.client.OK)

    def kill(self, what: str) -> None:
        """Kill one worker, which the master replaces, or everything, which we start again."""
        assert self._master is not None
        if what == "worker":
            workers = _BOOTED.findall(self._log.read_text(encoding="utf-8"))
            os.kill(int(workers[-1]), signal.SIGKILL)
            return
        os.killpg(self._master.pid, signal.SIGKILL)
        assert self._master.wait() == -signal.SIGKILL
        await_true(lambda: not listens(self.port))
        self.start()

    def stop(self) -> None:
        """End it gracefully."""
        if self._master is not None:
            stop(self._master, patience=40)


def ask(
    port: int, method: str, path: str, *, token: str | None = None, body: object = None
) -> tuple[int, Any]:
    """Ask over a connection of its own, and give the status and the answer."""
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    with closing(http.client.HTTPConnection(HOST, port, timeout=PATIENCE)) as connection:
        try:
            connection.connect()
        except ConnectionError:
            return NOBODY, None
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
        except (ConnectionError, http.client.HTTPException):
            return CUT, None
    return answer.status, json.loads(text) if text else None


def await_true(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
