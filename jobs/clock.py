"""`python -m jobs.clock`: the process that sends and that watches the time; one per system."""

import datetime as dt
import logging
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from backend.clinical.rules import RuleError
from backend.config import Config, ConfigurationError
from backend.context import new_id, system_clock
from backend.db import connect
from backend.logging_setup import log_as_json
from backend.services.lease import hold_clock, release_clock
from jobs.outbox import deliver_due
from jobs.process import Process, build_process
from jobs.silence import watch_silence
from notifications import ChannelSettingsError

_GRACE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Job:
    """Something done every `every` seconds.

    It asks what is due and not yet done, so the next run makes up for a missed one.
    """

    name: str
    run: Callable[[Process], object]
    every: float


def hold_lease(process: Process) -> None:
    """Show that a clock is alive. Delivery does not need the lease: each entry has its own."""
    hold_clock(process.owner, now=process.clock())


JOBS = (
    Job("deliver due messages", deliver_due, every=1.0),
    Job("watch for silence", watch_silence, every=900.0),
    Job("hold the clock's lease", hold_lease, every=5.0),
)


def main() -> int:
    """Run until SIGTERM or SIGINT; what is being sent then is finished, the rest stays owed."""
    try:
        config = Config.from_env()
        process = build_process(config, clock=system_clock, ids=new_id)
    except (ConfigurationError, ChannelSettingsError, RuleError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _log(config.log_level)
    connect(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.stopping.set())
    scheduler = _schedule(process)
    scheduler.start()
    process.stopping.wait()
    scheduler.shutdown(wait=True)
    process.close()
    release_clock(process.owner, now=process.clock())
    return 0


def _schedule(process: Process) -> BackgroundScheduler:
    # Memory store: all state is rows in the database, and two processes must not share a store.
    scheduler = BackgroundScheduler(
        timezone=dt.UTC,
        jobstores={"default": MemoryJobStore()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _GRACE_SECONDS},
    )
    for job in JOBS:
        scheduler.add_job(
            job.run,
            "interval",
            args=(process,),
            id=job.name,
            seconds=job.every,
            next_run_time=process.clock(),
        )
    return scheduler


def _log(level: str) -> None:
    log_as_json(level)
    # It tells of each run, and of each tick that passes while a run is still sending.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


if __name__ == "__main__":
    raise SystemExit(main())
