"""`python -m jobs.clock`: the process that sends and that watches the time.

Two may run: both deliver, for each message has a lease of its own; one leads and decides, the other
takes over when the leader's lease runs out.
"""

import datetime as dt
import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from backend.clinical.rules import RuleError
from backend.config import Config, ConfigurationError
from backend.context import new_id, system_clock
from backend.db import connect
from backend.logging_setup import log_as_json
from backend.services.lease import hold_clock, release_clock
from backend.services.schema import TOO_NEW, is_too_new
from jobs.anchor import anchor_audit
from jobs.cut import take_cuts
from jobs.diary import follow_diaries, remind_due
from jobs.escalate import digest_due, escalate_due
from jobs.export import drop_exports, make_exports
from jobs.outbox import deliver_due
from jobs.process import Process, build_process
from jobs.retention import apply_retention
from jobs.run import Job, Runner
from jobs.silence import watch_silence
from jobs.wake import watch_outbox
from notifications import ChannelSettingsError

_logger = logging.getLogger(__name__)
_GRACE_SECONDS = 30


def hold_lease(process: Process) -> None:
    """Renew the lease, or take over one that ran out; delivery does not need it."""
    process.fence.number = hold_clock(process.owner, now=process.clock())


def leave_what_is_newer(process: Process) -> None:
    """End this clock where a newer release has changed the database under it."""
    if is_too_new():
        _logger.error(TOO_NEW)
        process.stopping.set()


JOBS = (
    Job("deliver due messages", deliver_due, every=1.0),
    Job("escalate what nobody has answered", escalate_due, every=1.0, leads=True),
    Job("tell once a day of what can wait", digest_due, every=60.0, leads=True),
    Job("follow the diaries expected", follow_diaries, every=300.0, leads=True),
    Job("remind of diaries", remind_due, every=30.0, leads=True),
    Job("take data cuts", take_cuts, every=5.0, leads=True),
    Job("make exports", make_exports, every=2.0, leads=True),
    Job("drop old exports", drop_exports, every=3600.0, leads=True),
    Job("watch for silence", watch_silence, every=900.0, leads=True),
    Job("anchor the audit trail", anchor_audit, every=60.0, leads=True),
    Job("let go what is kept no longer", apply_retention, every=6 * 3600.0, leads=True),
    Job("hold the clock's lease", hold_lease, every=2.0),
    Job("leave what a newer release changed", leave_what_is_newer, every=15.0),
)


def main(
    *,
    clock: Callable[[], dt.datetime] = system_clock,
    ids: Callable[[], str] = new_id,
    jobs: Sequence[Job] = JOBS,
) -> int:
    """Run until SIGTERM or SIGINT; what is being sent then is finished, the rest stays owed."""
    try:
        config = Config.from_env()
        process = build_process(config, clock=clock, ids=ids)
    except (ConfigurationError, ChannelSettingsError, RuleError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _log(config.log_level)
    connect(config)
    if is_too_new():
        sys.stderr.write(f"{TOO_NEW}\n")
        return 3
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.stopping.set())
    scheduler = _schedule(process, jobs)
    scheduler.start()
    watcher = threading.Thread(
        target=watch_outbox, args=(process.stopping, lambda: _at_once(scheduler)), daemon=True
    )
    watcher.start()
    process.stopping.wait()
    scheduler.shutdown(wait=True)
    process.close()
    release_clock(process.owner, now=process.clock())
    return 0


def _schedule(process: Process, jobs: Sequence[Job]) -> BackgroundScheduler:
    # Memory store: all state is rows in the database, and two processes must not share a store.
    scheduler = BackgroundScheduler(
        timezone=dt.UTC,
        jobstores={"default": MemoryJobStore()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _GRACE_SECONDS},
    )
    runner = Runner(process)
    for job in jobs:
        scheduler.add_job(
            runner.run,
            "interval",
            args=(job,),
            id=job.name,
            seconds=job.every,
            # The scheduler waits by the machine's clock, whatever the jobs read.
            next_run_time=system_clock(),
        )
    return scheduler


def _at_once(scheduler: BackgroundScheduler) -> None:
    """Let delivery run now; while it runs it looks again by itself."""
    scheduler.modify_job(JOBS[0].name, next_run_time=system_clock())


def _log(level: str) -> None:
    log_as_json(level)
    # It tells of each run, and of each tick that passes while a run is still sending.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


if __name__ == "__main__":
    raise SystemExit(main())
