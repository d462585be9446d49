"""One run of one job: only by the clock that leads where that matters, timed, and written down."""

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pymongo.errors import PyMongoError

from backend.models.audit import AuditEntry, append
from backend.models.job_run import JobRun, keep_run
from backend.origin import Origin, called_from
from backend.services.lease import FencedError, hold_clock
from jobs.process import Process

_logger = logging.getLogger(__name__)
# A job that runs each second is written down less often; a failure always is.
_WRITE_EVERY = dt.timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Job:
    """Something done every `every` seconds; `leads`: by one clock alone.

    It asks what is due and not yet done, so the next run makes up for a missed one.
    """

    name: str
    run: Callable[[Process], object]
    every: float
    leads: bool = False


@dataclass(slots=True)
class _Seen:
    started: dt.datetime | None = None
    written: dt.datetime | None = None
    failures: int = 0


@dataclass(slots=True)
class Runner:
    """Runs jobs and remembers when each began and how it ended."""

    process: Process
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, job: Job) -> bool:
        """Run a job once; False where another clock leads, or where it failed.

        A failure is written down and the next run tries again: one job's must not stop the others.
        """
        if job.leads and not self._lead():
            return False
        with self._lock:
            seen = self._seen.setdefault(job.name, _Seen())
        started = self.process.clock()
        lag = _lag(seen.started, started, job.every)
        seen.started = started
        try:
            with called_from(Origin("clock", request_id=f"{self.process.owner}/{job.name}")):
                self._trail(job, job.run(self.process))
        except FencedError:
            return False
        except Exception:  # noqa: BLE001 - whatever it is, the other jobs go on
            seen.failures += 1
            # The error's own text might quote what it was about.
            _logger.error("job failed", extra={"job": job.name, "failures": seen.failures})  # noqa: TRY400
            self._write(job, seen, started, lag, failed=True)
            return False
        seen.failures = 0
        self._write(job, seen, started, lag, failed=False)
        return True

    def _trail(self, job: Job, done: object) -> None:
        """Write down what a job did, where it did something: `done` is how many things."""
        # Not bool: `hold_lease` and the like do nothing that is counted.
        if type(done) is not int or done == 0:
            return
        append(
            AuditEntry(
                id=self.process.ids(),
                at=self.process.clock(),
                actor_id="clock",
                action="job:run",
                target=f"job/{job.name}",
                details={"done": done},
                # Two clocks deliver side by side: each has a chain of its own.
                stream=f"clock/{self.process.owner}",
            )
        )

    def _lead(self) -> bool:
        try:
            fence = hold_clock(self.process.owner, now=self.process.clock())
        except PyMongoError:
            return False
        self.process.fence.number = fence
        return fence is not None

    def _write(
        self, job: Job, seen: _Seen, started: dt.datetime, lag: float, *, failed: bool
    ) -> None:
        now = self.process.clock()
        if not failed and seen.written is not None and now - seen.written < _WRITE_EVERY:
            return
        run = JobRun(
            id=job.name,
            owner=self.process.owner,
            started_at=started,
            duration_seconds=(now - started).total_seconds(),
            lag_seconds=lag,
            failures=seen.failures,
            last_success=None if failed else now,
        )
        try:
            keep_run(run)
        except PyMongoError:
            # Without a database there is nowhere to write it; the metric's age tells.
            return
        seen.written = now


def _lag(before: dt.datetime | None, started: dt.datetime, every: float) -> float:
    if before is None:
        return 0.0
    return max(0.0, (started - before).total_seconds() - every)
