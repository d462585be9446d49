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
            lambda: escalated(database, 2),
            process=one,
        )
        # A message in flight at the killing would wait for its lease to run out (test_sigkill.py).
        await_true(lambda: not owed(database), process=one)
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
        overdue(database)
        await_true(
            lambda: escalated(database, 3),
            process=two,
        )
        await_true(
            lambda: not owed(database),
            process=two,
        )
        two.send_signal(signal.SIGTERM)
        assert two.wait(timeout=SECONDS) == 0
    assert_each_once(database, tmp_path)


def test_a_leader_that_was_frozen_wakes_up_as_a_follower_and_doubles_nothing(
    app: flask.Flask, settings: dict[str, str], database: Stored, tmp_path: Path
) -> None:
    bad_day(staff(app, "nurse", "S01"))
    with clock_process(settings, tmp_path / "one") as one:
        await_true(lambda: escalated(database, 2), process=one)
        await_true(lambda: not owed(database), process=one)
        first = leader(database)
        one.send_signal(signal.SIGSTOP)
        with clock_process(settings, tmp_path / "two") as two:
            await_true(lambda: leader(database) not in (None, first), process=two)
            overdue(database)
            # Now both would find the next step due, the frozen one with the word of before.
            one.send_signal(signal.SIGCONT)
            await_true(lambda: escalated(database, 3), process=two)
            await_true(lambda: not owed(database), process=two)
            # Some turns of every job of the one that woke up.
            time.sleep(5)
            assert leader(database) != first
            for process in (one, two):
                assert process.poll() is None
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=SECONDS) == 0
    lease = database["leases"].find_one({"_id": "clock"})
    assert lease is not None
    assert lease["fence"] == 2
    assert_each_once(database, tmp_path)


def escalated(database: Stored, steps: int) -> bool:
    return bool(database["alerts"].count_documents({"escalation": {"$gte": steps}}))


def owed(database: Stored) -> int:
    return database["outbox"].count_documents({"state": {"$in": ["due", "leased"]}})


def overdue(database: Stored) -> None:
    """Let the next step be due by the server's clock."""
    past = system_clock() - dt.timedelta(seconds=1)
    database["alerts"].update_many({"escalate_at": {"$ne": None}}, {"$set": {"escalate_at": past}})


def assert_each_once(database: Stored, folder: Path) -> None:
    """Hold what the two clocks sent against what was owed."""
    pushed = Counter(
        line.split(" push ", 1)[1]
        for output in ("one", "two")
        for line in (folder / output).read_text(encoding="utf-8").splitlines()
    )
    expected = Counter(
        f"{entry['message']['tier']} {entry['message']['kind']} {entry['message']['id']} "
        f"v{entry['message']['v']} to {entry['recipient_id']}"
        for entry in database["outbox"].find({"state": "accepted"})
    )
    assert pushed == expected
    assert set(expected.values()) == {1}
