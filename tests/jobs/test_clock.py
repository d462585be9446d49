"""The clock as a process: it delivers by itself, stops gracefully, and refuses bad settings."""

import datetime as dt
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from pymongo.database import Database

from backend.context import system_clock
from backend.services.lease import is_clock_running
from jobs.clock import JOBS
from tests.jobs.clock_process import ROOT, await_true, clock_process
from tests.jobs.conftest import Owe


def test_jobs_have_names_and_times_of_their_own() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert all(job.every > 0 for job in JOBS)


def test_process_delivers_shows_its_life_and_stops_gracefully(
    settings: dict[str, str], owe: Owe, database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    output = tmp_path / "pushes"
    first = owe(due_at=system_clock())
    with clock_process(settings, output) as process:
        await_true(
            lambda: database["outbox"].count_documents({"state": "accepted"}) == 1, process=process
        )
        await_true(lambda: is_clock_running(system_clock()), process=process)
        # Within a tick, without a restart.
        second = owe(due_at=system_clock())
        await_true(
            lambda: database["outbox"].count_documents({"state": "accepted"}) == 2, process=process
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert not is_clock_running(system_clock() + dt.timedelta(milliseconds=1))
    lines = output.read_text(encoding="utf-8").splitlines()
    assert [first.alert_id in lines[0], second.alert_id in lines[1]] == [True, True]
    assert len(lines) == 2


def test_half_configured_channel_stops_the_start_with_a_clear_message(
    settings: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobs.clock"],
        cwd=ROOT,
        env={**settings, "FCM_CREDENTIALS_FILE": str(tmp_path / "absent.json")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "the FCM credentials are not a readable service account key\n"


def test_missing_setting_stops_the_start_with_its_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobs.clock"],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "MONGODB_URI" in done.stderr
