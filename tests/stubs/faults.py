"""What a stub does wrong next: for every recipient or for one, for ever or some times."""

import threading
from dataclasses import dataclass, field

OK = "ok"
DEAD = "dead"
QUOTA = "quota"
ERROR = "error"
UNAVAILABLE = "unavailable"
HANG = "hang"
CUT = "cut"


@dataclass
class _Planned:
    fault: str
    times: int | None


@dataclass
class Faults:
    """Planned faults; a fault for one recipient goes before one for all."""

    _planned: dict[str | None, _Planned] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, fault: str, *, recipient: str | None = None, times: int | None = None) -> None:
        """Let the next `times` attempts (None: all) to a recipient (None: everyone) go wrong."""
        with self._lock:
            self._planned[recipient] = _Planned(fault, times)

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._planned.clear()

    def take(self, recipient: str) -> str:
        """Give the fault for one attempt, and count it."""
        with self._lock:
            for key in (recipient, None):
                planned = self._planned.get(key)
                if planned is None or planned.times == 0:
                    continue
                if planned.times is not None:
                    planned.times -= 1
                return planned.fault
        return OK
