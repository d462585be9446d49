"""The days of the trial, one after the other: what each moment brings, and when time goes on."""

import datetime as dt
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from simulator.desk import Desk
from simulator.diarist import Diarist
from simulator.plan import DAY, Dose, Entry, LabFile, Plan
from simulator.timekeeper import Timekeeper

# Three evenings of a day, by UTC: New York's, Shanghai's, Berlin's.
_HOURS = (1, 13, 20)
# What is lived through after each: before and after an emergency's first steps, and hours later.
_AFTER = (dt.timedelta(minutes=4), dt.timedelta(minutes=40), dt.timedelta(hours=3))
# Days after the last diary: phones that were offline, alerts that nobody heard, corrections.
TAIL = 2
# Staff enrol from here on: before the earliest diary of a phone that runs ahead.
_ENROLMENT = dt.time(6)
# Time goes on though some are still trying: an outage must not stop the trial, nor a patient whose lock a
# killed process holds for a minute (ADR 4).
_PATIENCE_SECONDS = 6.0

Due = TypeVar("Due", Entry, Dose, LabFile)


@dataclass(frozen=True, slots=True)
class Pace:
    """`writers`: how many phones send at a time; `beat`: seconds that each moment lasts at least."""

    writers: int = 12
    beat: float = 1.2


def enrolment(start: dt.date) -> dt.datetime:
    """Give the moment at which the trial's time begins: the morning (UTC) before the first day."""
    return dt.datetime.combine(start - DAY, _ENROLMENT, dt.UTC)


def moments(start: dt.date, days: int) -> Iterator[tuple[dt.datetime, bool]]:
    """Give every moment that is lived through, and whether phones send in it."""
    for number in range(-1, days + TAIL):
        for hour in _HOURS:
            at = dt.datetime.combine(start + number * DAY, dt.time(hour), dt.UTC)
            if at < enrolment(start):
                continue
            yield at, True
            for after in _AFTER:
                yield at + after, False


@dataclass(frozen=True, slots=True)
class Drive:
    """Lets a planned trial happen."""

    plan: Plan
    keeper: Timekeeper
    diarist: Diarist
    desks: Sequence[Desk]
    pace: Pace

    def run(self, broken: threading.Event) -> None:
        """Live through every moment; `broken` ends it early."""
        entries, doses, labs = (
            deque(self.plan.entries),
            deque(self.plan.doses),
            deque(self.plan.labs),
        )
        desks = {desk.site: desk for desk in self.desks}
        waiting: set[Future[None]] = set()
        sites = {patient.index: patient.site for patient in self.plan.people}
        with ThreadPoolExecutor(self.pace.writers) as pool:
            for at, sends in moments(self.plan.start, self.plan.days):
                if broken.is_set():
                    break
                self.keeper.jump_to(at)
                began = time.monotonic()
                if sends:
                    for dose in _until(doses, [dose.at for dose in doses], at):
                        waiting.add(pool.submit(desks[sites[dose.patient]].enter_dose, dose))
                    for batch in _by_phone(_until(entries, [one.sent_at for one in entries], at)):
                        waiting.add(pool.submit(self.diarist.send_all, batch))
                    for file in _until(labs, [file.at for file in labs], at):
                        waiting.add(pool.submit(desks[file.site].upload, file))
                else:
                    waiting |= {pool.submit(desk.attend) for desk in self.desks}
                waiting = self._finished(waiting, began)
                if at.hour == _HOURS[-1] and sends:
                    _say(at, self.plan, len(self.diarist.told.receipts))
            for last in waiting:
                last.result()

    def _finished(self, waiting: set[Future[None]], began: float) -> set[Future[None]]:
        """Wait for what was begun, as long as time may stand; give what goes on beside the next moment."""
        done, going_on = wait(waiting, timeout=_PATIENCE_SECONDS)
        for finished in done:
            finished.result()
        time.sleep(max(0.0, began + self.pace.beat - time.monotonic()))
        return going_on


def _until(queue: "deque[Due]", times: Sequence[dt.datetime], moment: dt.datetime) -> list[Due]:
    """Take from the front of a queue what is due."""
    return [queue.popleft() for at in times if at <= moment]


def _by_phone(entries: Sequence[Entry]) -> list[list[Entry]]:
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.patient].append(entry)
    return list(found.values())


def _say(at: dt.datetime, plan: Plan, receipts: int) -> None:
    number = (at.date() - plan.start).days + 1
    sys.stderr.write(f"day {number} of {plan.days}: {receipts} receipts\n")
    sys.stderr.flush()
