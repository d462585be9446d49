"""`python -m benchmarks.diary_post`: a 20-symptom diary beside bare Flask with one durable insert.

Both run under gunicorn with the project's own settings (2 workers) on one database in one run; the
diaries go to ten subjects in turn, each with doses and a growing history, as phones would send them.
"""

import argparse
import datetime as dt
import json
import os
import sys
import uuid
from contextlib import ExitStack
from typing import Any

from pymongo import MongoClient

from backend.demo.api import Api
from benchmarks.load import Request, Result, send_all
from benchmarks.system import first_nurse, fresh_database, new_phone, run, served, today

SUBJECTS = 10
SYMPTOMS = 20
WARM_UP_DAYS = 2


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--diaries", type=int, default=400)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=120, help="at most, for each of the two")
    options = parser.parse_args()
    bounds = {"connections": options.connections, "seconds": options.seconds}
    with fresh_database() as (environment, name), ExitStack() as stack:
        run([sys.executable, "-m", "backend.migrate"], environment)
        ours = stack.enter_context(served("wsgi:app", environment))
        bare = stack.enter_context(served("benchmarks.bare:app", environment))
        nurse = first_nurse(ours, environment)
        phones = [new_phone(ours, nurse).token for _ in range(SUBJECTS)]
        asked = Api(ours, phones[0]).get("/instruments/diary")["symptoms"][:SYMPTOMS]
        days = WARM_UP_DAYS + -(-options.diaries // SUBJECTS)
        requests = [
            Request("/api/v1/diaries", phone, json.dumps(diary_of(days - day, asked)).encode())
            for day in range(days)
            for phone in phones
        ]
        warm, measured = requests[: WARM_UP_DAYS * SUBJECTS], requests[WARM_UP_DAYS * SUBJECTS :]
        plain = [Request("/api/v1/diaries", None, request.body) for request in requests]
        send_all(ours, warm, **bounds)
        send_all(bare, plain[: len(warm)], **bounds)
        floor = send_all(bare, plain[len(warm) :], **bounds)
        diary = send_all(ours, measured, **bounds)
        stored = _stored(environment)
    _say(name, options.connections, diary, floor, stored)


def diary_of(days_ago: int, asked: list[dict[str, Any]]) -> dict[str, Any]:
    """Give an ordinary day with every attribute of each symptom answered by 0 or 1."""
    day = today() - dt.timedelta(days=days_ago)
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
