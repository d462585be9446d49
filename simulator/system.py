"""The real processes of one run: database, web, two clocks; each may be killed and started again."""

import os
import secrets
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from backend.embedded import EmbeddedServer, free_port, listens
from backend.processes import Child, program, spawn, stop
from simulator.people import THIRD_SITE

WEB, WORKER, LEADER, CLOCK, DATABASE = "web", "worker", "leading clock", "other clock", "database"
CLOCKS = ("clock-1", "clock-2")
STUDY = Path("studies/larc-ql1706.toml")
# Days of the trial: phones come back with a token that has run out, and exchange it.
TOKEN_SECONDS = 5 * 24 * 3600
_START_SECONDS = 60.0
# Between an outright kill and the supervisor's new start.
_DOWN_SECONDS = 0.5


class StartError(Exception):
    """A process did not start; its log says why."""


@dataclass(slots=True)
class System:
    """The processes, their settings and logs; `server` None: the database is not ours to kill.

    `hurry` is how long, in seconds, a job of the clock may wait at most (see simulator/clock.py).
    `unlocks`: after each kill the transactions that it left open are ended, as an operator may (ADR 4);
    else the database does so after a minute, in which their patients wait.
    """

    uri: str
    folder: Path
    time: Path
    fcm: str
    credentials: Path
    server: EmbeddedServer | None
    workers: int = 2
    hurry: float = 3.0
    unlocks: bool = False
    port: int = field(default_factory=free_port)
    name: str = field(default_factory=lambda: f"simulator_{uuid.uuid4().hex[:12]}")
    running: dict[str, Child] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    starts: Counter[str] = field(default_factory=Counter)
    down: list[tuple[float, float]] = field(default_factory=list)
    _secret: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """Give the settings of every process."""
        return {
            **os.environ,
            "MONGODB_URI": self.uri,
            "MONGODB_DATABASE": self.name,
            "SECRET_KEY": self._secret,
            "ENCRYPTION_KEY": self._secret,
            # Few people do what many would: the limits have tests of their own.
            "RATE_LIMIT_FACTOR": "1000",
            "STUDY_FILE": str(self.folder / "study.toml"),
            "ACCESS_TOKEN_SECONDS": str(TOKEN_SECONDS),
            "FCM_CREDENTIALS_FILE": str(self.credentials),
            "LOG_LEVEL": "WARNING",
            # What gunicorn leaves when it is killed goes with the run's folder.
            "TMPDIR": str(self.folder),
        }

    def prepare(self) -> None:
        """Write the study with its third site, and migrate."""
        text = STUDY.read_text(encoding="utf-8") + THIRD_SITE
        (self.folder / "study.toml").write_text(text, encoding="utf-8")
        self.run([sys.executable, "-m", "backend.migrate"])

    def run(self, command: list[str]) -> None:
        """Run a command to its end.

        Raises:
            StartError: it failed.
        """
        done = subprocess.run(
            command, env=self.environment, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise StartError(done.stderr or done.stdout)

    def make_administrator(self, email: str, password: str) -> None:
        """Make the first account, as an operator does on the machine itself."""
        flask = [sys.executable, "-m", "flask", "--app", f"simulator.web:serve('{self.time}')"]
        self.run([*flask, "staff", "create-admin", email, "--password", password])

    def start(self, name: str) -> None:
        """Start the web process or a clock; call it from a thread that lasts (backend/processes.py)."""
        self.starts[name] += 1
        log = self.folder / f"{name}.log"
        if name != WEB:
            owner = f"{name}-{self.starts[name]}"
            command = [sys.executable, "-m", "simulator.clock", str(self.time), self.fcm, owner]
            self.running[name] = spawn(
                [*command, str(self.hurry)], log=log, environment=self.environment
            )
            return
        bind = ("--bind", f"127.0.0.1:{self.port}", "--workers", str(self.workers))
        command = [program("gunicorn"), *bind, "--log-level", "warning"]
        child = spawn(
            [*command, f"simulator.web:serve('{self.time}')"], log=log, environment=self.environment
        )
        self.running[name] = child
        deadline = time.monotonic() + _START_SECONDS
        while not listens(self.port):
            if child.poll() is not None or time.monotonic() > deadline:
                raise StartError(log.read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(0.05)

    def kill(self, target: str) -> None:
        """Kill one of the targets outright (SIGKILL), and start it again where nobody else does."""
        began = time.time()
        if target == DATABASE:
            self._kill_database()
        elif target == WORKER:
            self._kill_worker()
        else:
            self._kill_process(self._name(target))
        if self.unlocks and target != DATABASE:
            client, database = self.database()
            database.client.admin.command("killAllSessions", [])
            client.close()
        self.kills[target] += 1
        self.down.append((began, time.time()))

    def stop(self) -> None:
        """End what runs, as an operator does."""
        for child in self.running.values():
            child.send_signal(signal.SIGTERM)
        for child in self.running.values():
            stop(child, patience=20)

    def database(self) -> tuple["MongoClient[Mapping[str, Any]]", Database[Mapping[str, Any]]]:
        """Give a client beside the application's, and the run's database."""
        client: MongoClient[Mapping[str, Any]] = MongoClient(
            self.uri, tz_aware=True, uuidRepresentation="standard", serverSelectionTimeoutMS=20_000
        )
        return client, client[self.name]

    def _name(self, target: str) -> str:
        if target == WEB:
            return WEB
        leader = self._leader()
        first, second = CLOCKS
        leads = second if leader.startswith(second) else first
        return leads if target == LEADER else (first if leads == second else second)

    def _leader(self) -> str:
        client, database = self.database()
        try:
            lease = database["leases"].find_one({"_id": "clock"})
        except PyMongoError:
            return ""
        else:
            return "" if lease is None else str(lease["owner"])
        finally:
            client.close()

    def _kill_process(self, name: str) -> None:
        child = self.running[name]
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        time.sleep(_DOWN_SECONDS)
        self.start(name)

    def _kill_worker(self) -> None:
        """Kill one of gunicorn's workers; the master makes another."""
        master = self.running[WEB].pid
        listed = Path(f"/proc/{master}/task/{master}/children")
        if not listed.exists():  # no Linux: the whole process instead
            self._kill_process(WEB)
            return
        workers = listed.read_text(encoding="ascii").split()
        if workers:
            os.kill(int(workers[-1]), signal.SIGKILL)

    def _kill_database(self) -> None:
        if self.server is None:
            return
        self.server.kill()
        time.sleep(_DOWN_SECONDS)
        self.server.start()
