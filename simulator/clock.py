"""The real clock process in the trial's time, its pushes at a stub: see `Run.start`.

What is not the product's: the clock that its jobs read, the name of its first id (by which the run
knows the leader), and how often the slow jobs run. A day of the trial takes seconds, so a job that
looks every five minutes or every quarter of an hour would sleep through days.
"""

import itertools
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from firebase_admin import messaging

from backend.context import new_id
from jobs.clock import JOBS, main
from jobs.diary import follow_diaries
from jobs.run import Job
from jobs.silence import watch_silence
from simulator.timekeeper import TrialClock

# These ask about each subject in turn: once or so in a day of the trial, as every 5 and 15 minutes in a
# true one would be far more than it needs.
_SLOWER: Mapping[object, int] = {follow_diaries: 3, watch_silence: 8}


def hurried(most: float) -> tuple[Job, ...]:
    """Give the product's jobs, each at least every `most` seconds, those about all subjects some times that."""
    return tuple(replace(job, every=min(job.every, most * _SLOWER.get(job.run, 1))) for job in JOBS)


def named(owner: str) -> Callable[[], str]:
    """Give ids of which the first, the process's name in leases, is known."""
    ids = itertools.chain([owner], iter(new_id, None))
    return lambda: next(ids)


if __name__ == "__main__":
    time, fcm, owner, most = sys.argv[1:]
    # firebase-admin has no setting for its URL; as in tests/stubs/clock.py.
    messaging._MessagingService.FCM_URL = f"{fcm}/v1/projects/{{0}}/messages:send"  # noqa: SLF001
    # google-auth would ask Google for the account's regions: a closed port keeps it from leaving.
    os.environ["HTTPS_PROXY"] = "http://127.0.0.1:9"
    raise SystemExit(
        main(clock=TrialClock(Path(time)), ids=named(owner), jobs=hurried(float(most)))
    )
