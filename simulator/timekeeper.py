"""The trial's time: the machine's clock plus an amount that every process reads from one file.

Time passes at its true pace, so that leases, timeouts and pauses mean what they mean in production;
between two moments worth living it jumps forward, as a machine's clock does that slept for hours.
"""

import bisect
import datetime as dt
import os
import struct
import time
from pathlib import Path
from typing import Self

# One number of eight bytes, so that a reader never sees half of a new one: milliseconds.
_AHEAD = struct.Struct("<q")


class TrialClock:
    """Tells the trial's time; made anew by each process from the path alone."""

    def __init__(self, path: Path) -> None:
        """Open the file of a `Timekeeper`."""
        self._file = path.open("rb", buffering=0)

    def __call__(self) -> dt.datetime:
        """Give the time in UTC, cut to the millisecond that the database keeps."""
        milliseconds = time.time_ns() // 1_000_000 + self._ahead()
        seconds, rest = divmod(milliseconds, 1000)
        return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).replace(microsecond=rest * 1000)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def _ahead(self) -> int:
        (ahead,) = _AHEAD.unpack(os.pread(self._file.fileno(), _AHEAD.size, 0))
        return int(ahead)


class Timekeeper(TrialClock):
    """The one process that lets the trial's time jump, and remembers when it did."""

    def __init__(self, path: Path, start: dt.datetime) -> None:
        """Let the trial's time be `start` now."""
        self._path = path
        self._starts: list[float] = []
        self._walls: list[float] = []
        self._write(start)
        super().__init__(path)

    def jump_to(self, moment: dt.datetime) -> None:
        """Let it be a later moment at once; a moment that has passed changes nothing."""
        if moment > self():
            self._write(moment)

    def wall_of(self, moment: dt.datetime) -> float:
        """Give when, in seconds since 1970 by the machine's clock, the trial reached a moment.

        A moment that was jumped over was reached by the jump.
        """
        at = moment.timestamp()
        place = max(bisect.bisect_right(self._starts, at) - 1, 0)
        wall = self._walls[place] + at - self._starts[place]
        following = self._walls[place + 1] if place + 1 < len(self._walls) else wall
        return min(wall, following)

    def _write(self, moment: dt.datetime) -> None:
        wall = time.time_ns() // 1_000_000
        ahead = int(moment.timestamp() * 1000) - wall
        if not self._path.exists():
            self._path.touch()
        with self._path.open("r+b", buffering=0) as file:
            os.pwrite(file.fileno(), _AHEAD.pack(ahead), 0)
        self._walls.append(wall / 1000)
        self._starts.append((wall + ahead) / 1000)
