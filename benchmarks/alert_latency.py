"""`python -m benchmarks.alert_latency`: from a patient's POST to the push at FCM, in a busy minute.

200 patients post within one minute, half of them an emergency; the real web, clock and firebase
client against a local FCM. Beside it, in the same run, a bare Flask with one insert under the same
minute.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from backend.demo.api import Api
from backend.processes import stop
from benchmarks.load import quantile
from benchmarks.system import (
    alarming,
    first_nurse,
    fresh_database,
    harmless,
    new_phone,
    ring,
    run,
    served,
    start_clock,
    today,
)
from tests.stubs.fcm import FcmStub

SEED = 20261123
PATIENCE = 120.0


@dataclass
class Minute:
    """When each patient began to post, and how long the answer took; in seconds."""

    began: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    def post(self, api: Api, path: str, subject_id: str, body: dict[str, Any]) -> None:
        """Post once and note it."""
        self.began[subject_id] = time.time()
        start = time.perf_counter()
        api.post(path, body)
        self.took.append(time.perf_counter() - start)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60, help="in which all of them post")
    options = parser.parse_args()
    with fresh_database() as (environment, name), ExitStack() as stack:
        run([sys.executable, "-m", "backend.migrate"], environment)
        stub = stack.enter_context(FcmStub())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        key = folder / "key.json"
        key.write_text(json.dumps(stub.credentials()), encoding="utf-8")
        environment["FCM_CREDENTIALS_FILE"] = str(key)
        ours = stack.enter_context(served("wsgi:app", environment))
        bare = stack.enter_context(served("benchmarks.bare:app", environment))
        clock = start_clock(stub.url, folder / "clock.log", environment)
        stack.callback(stop, clock, patience=40)
        nurse = first_nurse(ours, environment)
        ring(nurse, "nurse")
        phones = [new_phone(ours, nurse) for _ in range(options.patients)]
        dates = random.Random(SEED)  # noqa: S311 - a seed, so that a run can be had again
        places = [dates.uniform(0, options.seconds) for _ in phones]
        bodies = [(alarming if n % 2 else harmless)(today()) for n in range(len(phones))]
        names = [phone.subject_id for phone in phones]
        plain = _minute([Api(bare)] * len(names), "/diaries", names, bodies, places)
        own = [Api(ours, phone.token) for phone in phones]
        minute = _minute(own, "/diaries", names, bodies, places)
        waits = _waits(stub, environment, minute, set(names[1::2]))
    print(f"database: {name}; {options.patients} patients in {options.seconds:g} s")
    print(f"{'':34}{'count':>7}{'p50 s':>9}{'p99 s':>9}")
    for title, taken in (
        ("bare Flask, one insert", plain.took),
        ("diary: POST to receipt", minute.took),
        ("emergency: POST to push at FCM", waits),
    ):
        taken.sort()
        print(f"{title:34}{len(taken):>7}{quantile(taken, 0.5):>9.3f}{quantile(taken, 0.99):>9.3f}")


def _minute(
    apis: list[Api],
    path: str,
    names: list[str],
    bodies: list[dict[str, Any]],
    places: list[float],
) -> Minute:
    minute = Minute()
    timers = [
        threading.Timer(place, minute.post, (api, path, subject_id, body))
        for api, subject_id, body, place in zip(apis, names, bodies, places, strict=True)
    ]
    for timer in timers:
        timer.start()
    for timer in timers:
        timer.join()
    return minute


def _waits(
    stub: FcmStub, environment: dict[str, str], minute: Minute, expected: set[str]
) -> list[float]:
    """Give the seconds from each emergency's POST to its first push.

    Raises:
        RuntimeError: one of them has not arrived within two minutes.
    """
    deadline = time.monotonic() + PATIENCE
    with MongoClient[dict[str, Any]](environment["MONGODB_URI"]) as client:
        alerts = client[environment["MONGODB_DATABASE"]]["alerts"]
        while True:
            first: dict[str, float] = {}
            whose = {str(alert["_id"]): str(alert["subject_id"]) for alert in alerts.find()}
            for one in stub.received:
                subject_id = whose.get(one.json["message"]["data"]["id"], "")
                first.setdefault(subject_id, one.at)
            if expected <= first.keys():
                return [first[name] - minute.began[name] for name in expected]
            if time.monotonic() > deadline:
                message = f"{len(expected - first.keys())} emergencies were never pushed"
                raise RuntimeError(message)
            time.sleep(1)


if __name__ == "__main__":
    main()
