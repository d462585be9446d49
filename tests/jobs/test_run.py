"""A run of a job: by the leader alone where that matters, written down, and never in another's way."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.services.lease import LEASE, FencedError, hold_clock
from jobs.process import Process
from jobs.run import Job, Runner
from tests.conftest import Clock

Stored = Database[dict[str, Any]]
Build = Callable[..., Process]


def test_only_the_leader_runs_what_decides_and_everybody_delivers(
    build: Build, clock: Clock
) -> None:
    ran: list[str] = []
    decides = Job("decide", lambda process: ran.append(process.owner), every=1, leads=True)
    delivers = Job("deliver", lambda process: ran.append(process.owner), every=1)
    first, second = Runner(build("first")), Runner(build("second"))
    assert [runner.run(decides) for runner in (first, second)] == [True, False]
    assert [runner.run(delivers) for runner in (first, second)] == [True, True]
    assert ran == ["first", "first", "second"]
    # The first is killed: its lease runs out, and the second takes over.
    clock.now += LEASE + dt.timedelta(seconds=1)
    assert second.run(decides)
    assert not first.run(decides)
    assert ran[-1] == "second"


def test_each_new_leader_has_a_higher_number(clock: Clock, database: Stored) -> None:
    numbers = []
    for owner in ("one", "two", "one"):
        numbers.append(hold_clock(owner, now=clock()))
        assert hold_clock(owner, now=clock()) == numbers[-1]
        assert hold_clock("other", now=clock()) is None
        clock.now += LEASE + dt.timedelta(seconds=1)
    assert numbers == [1, 2, 3]
    assert database["leases"].count_documents({}) == 1


def test_a_run_is_written_down_with_lag_and_duration(
    build: Build, clock: Clock, database: Stored, app: flask.Flask
) -> None:
    runner = Runner(build("first"))

    def slow(_: Process) -> None:
        clock.now += dt.timedelta(seconds=2)

    job = Job("slow", slow, every=10)
    assert runner.run(job)
    # Planned ten seconds after the last beginning, begun five seconds late.
    clock.now += dt.timedelta(seconds=13)
    assert runner.run(job)
    run = database["job_runs"].find_one({"_id": "slow"})
    assert run is not None
    assert (run["duration_seconds"], run["lag_seconds"], run["failures"]) == (2, 5, 0)
    metrics = app.test_client().get("/metrics").get_data(as_text=True)
    assert 'job_lag_seconds{job="slow"} 5.0' in metrics
    assert 'job_last_success_timestamp_seconds{job="slow"}' in metrics


def test_a_failure_is_counted_and_the_last_success_stays(
    build: Build, clock: Clock, database: Stored
) -> None:
    runner = Runner(build("first"))
    outcomes: list[Exception | None] = [None, ValueError("x"), ValueError("x"), None]

    def work(_: Process) -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome

    job = Job("work", work, every=1)
    start = clock.now
    for succeeds, failures in ((True, 0), (False, 1), (False, 2)):
        assert runner.run(job) is succeeds
        run = database["job_runs"].find_one({"_id": "work"})
        assert run is not None
        assert (run["failures"], run["last_success"]) == (failures, start)
        clock.now += dt.timedelta(seconds=6)
    assert runner.run(job)
    again = database["job_runs"].find_one({"_id": "work"})
    assert again is not None
    assert (again["failures"], again["last_success"]) == (0, clock.now)


def test_a_job_that_was_overtaken_is_no_failure(build: Build, database: Stored) -> None:
    def overtaken(_: Process) -> None:
        raise FencedError

    assert not Runner(build("first")).run(Job("decide", overtaken, every=1, leads=True))
    assert database["job_runs"].count_documents({}) == 0


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_a_clock_that_jumps_runs_on(build: Build, clock: Clock, jump: int) -> None:
    runner = Runner(build("first"))
    job = Job("work", lambda _: None, every=1, leads=True)
    assert runner.run(job)
    clock.now += dt.timedelta(seconds=jump)
    assert runner.run(job)
