"""Two real clock processes: one leads, the other takes over when it is killed; nothing twice."""

import datetime as dt
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import flask
from pymongo.database import Database

from backend.context import system_clock
from tests.alerts.conftest import EMERGENCY
from tests.jobs.clock_process import await_true, clock_process
from tests.people import Person, dosed, enrolled, phone, staff

Stored = Database[dict[str, Any]]
# Generous: a lease of 8 seconds, on a machine that does other things too.
SECONDS = 40


def leader(database: Stored) -> str | None:
    found = database["leases"].find_one({"_id": "clock"})
    return None if found is None else str(found["owner"])


def bad_day(nurse: Person) -> str:
    subject_id = enrolled(nurse)
    dosed(nurse, subject_id, "2026-02-20")
    body = {
        "submission_id": "0b2ff7a4-3f0b-4f0c-9d5a-3f6c6f0a0001",
        "day": "2026-03-02",
        "reported_at": "2026-03-02T08:00:00+00:00",
        "zone": "Asia/Shanghai",
        "symptoms": [{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}],
        "observations": {"stools_per_day": EMERGENCY, "rectal_bleeding": "moderate"},
    }
    answer = phone(nurse, subject_id).post("/diaries", body)
    assert answer.status_code == 201, answer.text
    return subject_id


def test_a_killed_leader_is_followed_within_seconds_and_no_step_is_taken_twice(
    app: flask.Flask, settings: dict[str, str], database: Stored, tmp_path: Path
) -> None:
    nurse = staff(app, "nurse", "S01")
    bad_day(nurse)
    # The tests' clock stands still in March: every step of the policy is long overdue for a real one.
    with (
        clock_process(settings, tmp_path / "one") as one,
        clock_process(settings, tmp_path / "two") as two,
    ):
        await_true(
            lambda: bool(database["alerts"].count_documents({"escalation": {"$gte": 2}})),
            process=one,
        )
        first = leader(database)
        # Which of the two processes leads is seen by stopping one: the lease then stays or moves.
        one.send_signal(signal.SIGKILL)
        one.wait()
        killed = system_clock()
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            lease = database["leases"].find_one({"_id": "clock"})
            if lease is not None and lease["until"] > killed + dt.timedelta(seconds=8):
                break
            time.sleep(0.1)
        assert two.poll() is None
        lease = database["leases"].find_one({"_id": "clock"})
        assert lease is not None
        # Renewed after the killing, so by the one that lives.
        assert lease["until"] > killed + dt.timedelta(seconds=8)
        assert lease["fence"] == (1 if lease["owner"] == first else 2)
        # A minute later by the server's clock the next step is due; it is made so by hand.
        past = system_clock() - dt.timedelta(seconds=1)
        database["alerts"].update_many(
            {"escalate_at": {"$ne": None}}, {"$set": {"escalate_at": past}}
        )
        await_true(
            lambda: bool(database["alerts"].count_documents({"escalation": {"$gte": 3}})),
            process=two,
        )
        await_true(
            lambda: not database["outbox"].count_documents({"state": {"$in": ["due", "leased"]}}),
            process=two,
        )
        two.send_signal(signal.SIGTERM)
        assert two.wait(timeout=SECONDS) == 0
    pushed = Counter(
        line.split(" push ", 1)[1]
        for output in ("one", "two")
        for line in (tmp_path / output).read_text(encoding="utf-8").splitlines()
    )
    owed = Counter(
        f"{entry['message']['tier']} {entry['message']['kind']} {entry['message']['id']} "
        f"v{entry['message']['v']} to {entry['recipient_id']}"
        for entry in database["outbox"].find({"state": "accepted"})
    )
    assert pushed == owed
    assert set(owed.values()) == {1}
