"""`python -m benchmarks.diary_post`: a 20-symptom diary beside bare Flask with one durable insert.

Both run under gunicorn with the project's own settings (2 workers) on one database in one run; the
diaries go to ten subjects in turn, each with doses and a growing history, as phones would send them.
"""

import argparse
import datetime as dt
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from backend.demo.api import Api
from backend.embedded import EmbeddedServer, free_port, listens
from backend.processes import program, spawn, stop
from benchmarks.load import Request, Result, post_all

SUBJECTS = 10
SYMPTOMS = 20
WARM_UP_DAYS = 2
ADMINISTRATOR, NURSE = "admin@bench.example", "nurse@bench.example"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--diaries", type=int, default=400)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=120, help="at most, for each of the two")
    options = parser.parse_args()
    bounds = {"connections": options.connections, "seconds": options.seconds}
    with _database() as (environment, name), ExitStack() as stack:
        _run([sys.executable, "-m", "backend.migrate"], environment)
        ours = stack.enter_context(_served("wsgi:app", environment))
        bare = stack.enter_context(_served("benchmarks.bare:app", environment))
        phones, asked = _seed(ours, environment)
        days = WARM_UP_DAYS + -(-options.diaries // SUBJECTS)
        requests = [
            Request("/api/v1/diaries", phone, json.dumps(_diary(days - day, asked)).encode())
            for day in range(days)
            for phone in phones
        ]
        warm, measured = requests[: WARM_UP_DAYS * SUBJECTS], requests[WARM_UP_DAYS * SUBJECTS :]
        plain = [Request("/diaries", None, request.body) for request in requests]
        post_all(ours, warm, **bounds)
        post_all(bare, plain[: len(warm)], **bounds)
        floor = post_all(bare, plain[len(warm) :], **bounds)
        diary = post_all(ours, measured, **bounds)
        stored = _stored(environment)
    _say(name, options.connections, diary, floor, stored)


@contextmanager
def _database() -> Iterator[tuple[dict[str, str], str]]:
    """Give settings with a database of this run alone, and the server's name."""
    environment = {
        **os.environ,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "MONGODB_DATABASE": f"bench_{uuid.uuid4().hex[:12]}",
        # Seeding and measuring outlast a phone's ordinary access token on a slow machine.
        "ACCESS_TOKEN_SECONDS": "3600",
        "LOG_LEVEL": "WARNING",
    }
    with ExitStack() as stack:
        if not environment.get("MONGODB_URI"):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            environment["MONGODB_URI"] = stack.enter_context(EmbeddedServer(Path(folder))).uri
        client: MongoClient[dict[str, Any]] = stack.enter_context(
            MongoClient(environment["MONGODB_URI"])
        )
        build = client.admin.command("buildInfo")
        embedded = build.get("secantusVersion")
        name = f"SecantusDB {embedded}, embedded" if embedded else f"MongoDB {build['version']}"
        stack.callback(client.drop_database, environment["MONGODB_DATABASE"])
        yield environment, name


@contextmanager
def _served(app: str, environment: dict[str, str]) -> Iterator[str]:
    port = free_port()
    command = [program("gunicorn"), "--bind", f"127.0.0.1:{port}", "--workers", "2", app]
    child = spawn([*command, "--log-level", "warning"], environment=environment)
    try:
        deadline = time.monotonic() + 60
        while not listens(port):
            if child.poll() is not None or time.monotonic() > deadline:
                message = f"{app} did not start"
                raise RuntimeError(message)
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(child, patience=40)


def _seed(url: str, environment: dict[str, str]) -> tuple[list[str], list[dict[str, Any]]]:
    """Enrol subjects with doses; give their phones' tokens and the first symptoms asked."""
    password = secrets.token_urlsafe(16)
    create = [sys.executable, "-m", "flask", "--app", "wsgi", "staff", "create-admin"]
    _run([*create, ADMINISTRATOR, "--password", password], environment)
    Api(url).signed_in(ADMINISTRATOR, password).post(
        "/staff",
        {
            "email": NURSE,
            "password": password,
            "name": "Benchmark nurse",
            "grants": [{"role": "nurse", "site": "S01", "unblinded": False}],
        },
    )
    nurse = Api(url).signed_in(NURSE, password)
    phones = [_phone(url, nurse) for _ in range(SUBJECTS)]
    asked = Api(url, phones[0]).get("/instruments/diary")["symptoms"]
    return phones, asked[:SYMPTOMS]


def _phone(url: str, nurse: Api) -> str:
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
    first = (_today() - dt.timedelta(days=60)).isoformat()
    for component, dose in (("ql1706", 325), ("oxaliplatin", 220), ("capecitabine", 3400)):
        body = {"component": component, "first": first, "dose": dose, "unit": "mg", "cycle": 1}
        nurse.post(f"/subjects/{subject}/exposures", body)
    code = nurse.post(f"/subjects/{subject}/activation-codes", {})["code"]
    activated = Api(url).post("/activations", {"code": code, "label": "benchmark"})
    return str(activated["tokens"]["access_token"])


def _diary(days_ago: int, asked: list[dict[str, Any]]) -> dict[str, Any]:
    """Give an ordinary day with every attribute of each symptom answered by 0 or 1."""
    day = _today() - dt.timedelta(days=days_ago)
    return {
        "submission_id": str(uuid.uuid4()),
        "day": day.isoformat(),
        "reported_at": f"{day.isoformat()}T12:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [
            {
                "symptom": symptom["symptom"],
                **{item["attribute"]: place % 2 for item in symptom["items"]},
            }
            for place, symptom in enumerate(asked)
        ],
        "observations": {"stools_per_day": 3, "incontinence_new": False},
        "vitals": [
            {"vital": "temperature", "value": 36.8, "unit": "Cel"},
            {"vital": "systolic_bp", "value": 124, "unit": "mm[Hg]"},
            {"vital": "diastolic_bp", "value": 78, "unit": "mm[Hg]"},
        ],
    }


def _today() -> dt.date:
    return dt.datetime.now(tz=dt.UTC).date()


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _stored(environment: dict[str, str]) -> dict[str, int]:
    names = ("diaries", "assessments", "adverse_events", "alerts", "outbox", "audit")
    with MongoClient(environment["MONGODB_URI"]) as client:
        database = client[environment["MONGODB_DATABASE"]]
        return {name: database[name].count_documents({}) for name in names}


def _say(
    server: str, connections: int, diary: Result, floor: Result, stored: dict[str, int]
) -> None:
    print(
        f"database: {server}; gunicorn, 2 workers; {connections} connections; {os.cpu_count()} cores"
    )
    print(f"{'':28}{'requests':>9}{'per second':>12}{'p50 ms':>9}{'p99 ms':>9}")
    for name, result in (("diary of 20 symptoms", diary), ("bare Flask, one insert", floor)):
        print(
            f"{name:28}{result.count:>9}{result.per_second:>12.1f}{result.p50:>9.1f}{result.p99:>9.1f}"
        )
    print(
        f"{'ratio':28}{'':9}{floor.per_second / diary.per_second:>12.1f}"
        f"{diary.p50 / floor.p50:>9.1f}{diary.p99 / floor.p99:>9.1f}"
    )
    print("stored:", ", ".join(f"{count} {name}" for name, count in stored.items()))


if __name__ == "__main__":
    main()
