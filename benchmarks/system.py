"""A whole system on loopback for the benchmarks: database, web, a nurse, subjects with phones."""

import datetime as dt
import os
import secrets
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from backend.demo.api import Api
from backend.embedded import EmbeddedServer, free_port, listens
from backend.processes import Child, program, spawn, stop

ADMINISTRATOR, NURSE = "admin@bench.example", "nurse@bench.example"


@dataclass(frozen=True, slots=True)
class Phone:
    """A subject's activated phone."""

    subject_id: str
    token: str


@contextmanager
def fresh_database() -> Iterator[tuple[dict[str, str], str]]:
    """Give settings with a database of this run alone, and the server's name."""
    with ExitStack() as stack:
        uri = os.environ.get("MONGODB_URI")
        if not uri:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            uri = stack.enter_context(EmbeddedServer(Path(folder))).uri
        environment = settings(uri)
        client: MongoClient[dict[str, Any]] = stack.enter_context(MongoClient(uri))
        stack.callback(client.drop_database, environment["MONGODB_DATABASE"])
        yield environment, server_name(client)


def settings(uri: str) -> dict[str, str]:
    """Give the settings of one run on a database server."""
    return {
        **os.environ,
        "MONGODB_URI": uri,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ENCRYPTION_KEY": secrets.token_urlsafe(48),
        # Load comes from a few phones, each of which sends what hundreds would.
        "RATE_LIMIT_FACTOR": "1000000",
        "MONGODB_DATABASE": f"bench_{uuid.uuid4().hex[:12]}",
        # Seeding and measuring outlast a phone's ordinary access token on a slow machine.
        "ACCESS_TOKEN_SECONDS": "7200",
        "LOG_LEVEL": "WARNING",
    }


def server_name(client: MongoClient[dict[str, Any]]) -> str:
    """Give the name and version of a database server."""
    build = client.admin.command("buildInfo")
    embedded = build.get("secantusVersion")
    return f"SecantusDB {embedded}, embedded" if embedded else f"MongoDB {build['version']}"


@contextmanager
def served(app: str, environment: dict[str, str]) -> Iterator[str]:
    """Serve an app by gunicorn until the block ends; give its URL."""
    port = free_port()
    child = start_web(app, port, environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(child, patience=40)


def start_web(app: str, port: int, environment: dict[str, str]) -> Child:
    """Start gunicorn with the project's settings on a port; return when it listens.

    Raises:
        RuntimeError: it ended, or does not listen within a minute.
    """
    command = [program("gunicorn"), "--bind", f"127.0.0.1:{port}", "--workers", "2", app]
    child = spawn([*command, "--log-level", "warning"], environment=environment)
    deadline = time.monotonic() + 60
    while not listens(port):
        if child.poll() is not None or time.monotonic() > deadline:
            message = f"{app} did not start"
            raise RuntimeError(message)
        time.sleep(0.1)
    return child


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run a command to its end."""
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def today() -> dt.date:
    """Give the day in UTC."""
    return dt.datetime.now(tz=dt.UTC).date()


def start_clock(fcm: str, log: Path, environment: dict[str, str]) -> Child:
    """Start a clock whose pushes go to an FCM stub (tests/stubs/fcm.py)."""
    command = [sys.executable, "-m", "tests.stubs.clock", fcm]
    return spawn(command, log=log, environment=environment)


def first_nurse(url: str, environment: dict[str, str]) -> Api:
    """Make an administrator and a nurse of the first site; give the nurse, signed in."""
    password = secrets.token_urlsafe(16)
    create = [sys.executable, "-m", "flask", "--app", "wsgi", "staff", "create-admin"]
    run([*create, ADMINISTRATOR, "--password", password], environment)
    Api(url).signed_in(ADMINISTRATOR, password).post(
        "/staff",
        {
            "email": NURSE,
            "password": password,
            "name": "Benchmark nurse",
            "grants": [{"role": "nurse", "site": "S01", "unblinded": False}],
        },
    )
    return Api(url).signed_in(NURSE, password)


def ring(nurse: Api, address: str) -> None:
    """Let a nurse's alerts ring on a phone."""
    nurse.put("/staff/me/push-address", {"channel": "fcm", "kind": "fid", "value": address})


def alarming(day: dt.date) -> dict[str, Any]:
    """Give a diary that is an emergency: ten stools, new blood, strong pain."""
    return {
        **harmless(day),
        "symptoms": [{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}],
        "observations": {
            "stools_per_day": 10,
            "incontinence_new": False,
            "rectal_bleeding": "moderate",
            "bleeding_change": "new",
        },
    }


def harmless(day: dt.date) -> dict[str, Any]:
    """Give a diary of a good day."""
    return {
        "submission_id": str(uuid.uuid4()),
        "day": day.isoformat(),
        "reported_at": f"{day.isoformat()}T00:30:00+00:00",
        "zone": "Asia/Shanghai",
        "observations": {"stools_per_day": 2, "incontinence_new": False},
    }


def new_phone(url: str, nurse: Api) -> Phone:
    """Enrol a subject with doses of two months ago and activate their phone."""
    subject = nurse.post(
        "/subjects",
        {
            "site": "S01",
            "arm": "A",
            "mrf": "positive",
            "zone": "Asia/Shanghai",
            "language": "en",
            "baseline": {"baseline_stools_per_day": 2, "baseline_temperature_c": 36.6},
            "baseline_labs": [{"analyte": "creatinine", "value": 70, "unit": "umol/L"}],
        },
    )["id"]
    first = (today() - dt.timedelta(days=60)).isoformat()
    for component, dose in (("ql1706", 325), ("oxaliplatin", 220), ("capecitabine", 3400)):
        body = {"component": component, "first": first, "dose": dose, "unit": "mg", "cycle": 1}
        nurse.post(f"/subjects/{subject}/exposures", body)
    code = nurse.post(f"/subjects/{subject}/activation-codes", {})["code"]
    activated = Api(url).post("/activations", {"code": code, "label": "benchmark"})
    return Phone(subject, activated["tokens"]["access_token"])
