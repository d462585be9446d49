"""`python -m benchmarks.faults`: kill what can be killed while patients write, then count.

Patients post diaries, and repeat each until they have its receipt; a third are emergencies. Meanwhile
the web process and one of two clocks are killed (SIGKILL) at seeded moments, FCM is away for a while,
and the database is restarted. Then everything is left in peace, and the invariants are read from the
outside: from the receipts that the patients hold, from the database, from what FCM received.
"""

import argparse
import datetime as dt
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from backend.demo.api import Api, ApiError
from backend.embedded import EmbeddedServer, free_port
from backend.processes import Child, stop
from benchmarks.invariants import Told, read_counts
from benchmarks.system import (
    Phone,
    alarming,
    first_nurse,
    harmless,
    new_phone,
    ring,
    run,
    server_name,
    settings,
    start_clock,
    start_web,
    today,
)
from tests.stubs.faults import HANG, OK, UNAVAILABLE
from tests.stubs.fcm import FcmStub

SEED = 20261123
CLOCKS = 2
# Between two kills, in seconds.
LEAST, MOST = 5.0, 15.0
PATIENCE = 300.0


@dataclass
class System:
    """The processes of one run, each of which may be killed and started again."""

    environment: dict[str, str]
    fcm: str
    folder: Path
    port: int = field(default_factory=free_port)
    running: dict[str, Child] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Give where the web process answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        """Start the web process or a clock."""
        if name == "web":
            self.running[name] = start_web("wsgi:app", self.port, self.environment)
        else:
            self.running[name] = start_clock(self.fcm, self.folder / name, self.environment)

    def kill(self, name: str) -> None:
        """Kill a process and its workers outright, and start it again."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()
        self.kills[name] = self.kills.get(name, 0) + 1
        time.sleep(0.5)
        self.start(name)

    def stop(self) -> None:
        """End what runs."""
        for child in self.running.values():
            stop(child, patience=40)


def main() -> int:
    """Run, count and print; 1 where something was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--diaries", type=int, default=1000)
    parser.add_argument("--patients", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=180, help="in which all are posted")
    parser.add_argument("--outage", type=float, default=60, help="seconds without FCM")
    options = parser.parse_args()
    chance = random.Random(SEED)  # noqa: S311 - a seed, so that a run can be had again
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(EmbeddedServer(folder / "data"))
        stub = stack.enter_context(FcmStub())
        stub.hang_seconds = 5
        key = folder / "key.json"
        key.write_text(json.dumps(stub.credentials()), encoding="utf-8")
        environment = {**settings(server.uri), "FCM_CREDENTIALS_FILE": str(key)}
        run([sys.executable, "-m", "backend.migrate"], environment)
        system = System(environment, stub.url, folder)
        stack.callback(system.stop)
        for name in ("web", *(f"clock-{number}" for number in range(CLOCKS))):
            system.start(name)
        nurse = first_nurse(system.url, environment)
        ring(nurse, "nurse")
        phones = [new_phone(system.url, nurse) for _ in range(options.patients)]
        began = time.time() + options.seconds / 3
        told = _write(phones, options, system, server, stub, chance)
        ended = dt.datetime.now(tz=dt.UTC)
        client: MongoClient[dict[str, Any]] = stack.enter_context(MongoClient(server.uri))
        database = client[environment["MONGODB_DATABASE"]]
        _drained(database, ended)
        counts = read_counts(told, database, stub, outage=(began, began + options.outage))
        print(f"database: {server_name(client)}; kills: {system.kills}; database restarted once;")
        print(f"FCM away for {options.outage:g} s; {options.seconds:g} s of diaries")
    for name, value in counts.rows():
        print(f"{name:58}{value:>8}")
    return 0 if counts.is_whole else 1


def _write(
    phones: list[Phone],
    options: argparse.Namespace,
    system: System,
    server: EmbeddedServer,
    stub: FcmStub,
    chance: random.Random,
) -> list[Told]:
    """Let the patients write while everything is killed in turn; give what they were told."""
    told: list[Told] = []
    patients = []
    for phone in phones:
        days = -(-options.diaries // len(phones))
        plan = [
            (
                chance.uniform(0, options.seconds),
                (alarming if chance.random() < 1 / 3 else harmless)(
                    today() - dt.timedelta(days=number)
                ),
            )
            for number in range(days)
        ]
        patients.append(
            threading.Thread(
                target=_patient,
                args=(Api(system.url, phone.token), phone, sorted(plan, key=_when), told),
            )
        )
    for patient in patients:
        patient.start()
    _let_fail(_faults(options, system, server, stub, chance), patients)
    return told


def _faults(
    options: argparse.Namespace,
    system: System,
    server: EmbeddedServer,
    stub: FcmStub,
    chance: random.Random,
) -> list[tuple[float, Callable[[], object]]]:
    """Give what goes wrong and when, in seconds from the start."""
    third = options.seconds / 3
    faults: list[tuple[float, Callable[[], object]]] = [
        (third, lambda: stub.faults.plan(UNAVAILABLE)),
        (third + options.outage / 2, lambda: stub.faults.plan(HANG)),
        (third + options.outage, lambda: stub.faults.plan(OK)),
        (2 * third, lambda: (server.stop(), time.sleep(1), server.start())),
    ]
    kill = chance.uniform(LEAST, MOST)
    while kill < max(options.seconds, third + options.outage):
        name = chance.choice(sorted(system.running))
        faults.append((kill, partial(system.kill, name)))
        kill += chance.uniform(LEAST, MOST)
    return sorted(faults, key=lambda fault: fault[0])


def _let_fail(
    faults: list[tuple[float, Callable[[], object]]], patients: list[threading.Thread]
) -> None:
    """Do each at its time, in this thread: a child dies with the thread that started it."""
    start = time.monotonic()
    for when, do in faults:
        time.sleep(max(0.0, start + when - time.monotonic()))
        do()
    for patient in patients:
        patient.join()


def _patient(
    api: Api, phone: Phone, plan: list[tuple[float, dict[str, Any]]], told: list[Told]
) -> None:
    """Post each diary at its time, again and again until the receipt has come."""
    start = time.monotonic()
    for when, body in plan:
        time.sleep(max(0.0, start + when - time.monotonic()))
        while True:
            try:
                receipt = api.post("/diaries", body)
            except (OSError, HTTPException, ApiError):
                time.sleep(0.5)
            else:
                break
        told.append(Told(phone.subject_id, body["submission_id"], receipt["diary_id"], time.time()))


def _when(planned: tuple[float, dict[str, Any]]) -> float:
    return planned[0]


def _drained(database: Database[dict[str, Any]], ended: dt.datetime) -> None:
    """Wait until nothing is owed of what came up before the writing ended: nobody answers, so it rings on.

    Raises:
        RuntimeError: something is still owed after five minutes.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        owed = database["outbox"].count_documents(
            {
                "state": {"$in": ["due", "leased"]},
                "channel": "fcm",
                "created_at": {"$lte": ended},
            }
        )
        if not owed:
            return
        time.sleep(1)
    message = "the outbox did not empty"
    raise RuntimeError(message)


if __name__ == "__main__":
    raise SystemExit(main())
