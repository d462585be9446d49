"""One migration at a time: a lease that a thread renews while a step runs, however long it takes."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from pymongo.errors import PyMongoError

from backend.models import lease as leases

_ROLE = "migration"
LEASE = dt.timedelta(seconds=30)
# Two renewals may fail before another migration can take over.
_RENEW_SECONDS = 10.0


class MigrationLockLostError(Exception):
    """Another migration holds the lock: this one must not go on."""


@dataclass(slots=True)
class MigrationLock:
    """Held by `owner`; steps ask `check` between batches."""

    owner: str
    _ended: threading.Event = field(default_factory=threading.Event)
    _lost: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Refuse to go on where the lease has changed hands.

        Raises:
            MigrationLockLostError: another migration has taken over.
        """
        lease = leases.find_lease(_ROLE)
        if self._lost.is_set() or lease is None or lease.owner != self.owner:
            raise MigrationLockLostError

    def _renew(self, clock: Callable[[], dt.datetime]) -> None:
        while not self._ended.wait(_RENEW_SECONDS):
            # An outage of the database is no loss of the lock: the next renewal tells.
            with suppress(PyMongoError):
                now = clock()
                if not leases.take_lease(_ROLE, self.owner, now=now, until=now + LEASE):
                    self._lost.set()
                    return


@contextmanager
def migration_lock(
    owner: str, *, clock: Callable[[], dt.datetime], patience: dt.timedelta
) -> Iterator[MigrationLock]:
    """Hold the lock for the block; wait up to `patience` for whoever holds it.

    Raises:
        MigrationLockLostError: it was not to be had in time.
    """
    deadline = time.monotonic() + patience.total_seconds()
    while not leases.take_lease(_ROLE, owner, now=(now := clock()), until=now + LEASE):
        if time.monotonic() >= deadline:
            raise MigrationLockLostError
        time.sleep(0.2)
    lock = MigrationLock(owner)
    renewing = threading.Thread(target=lock._renew, args=(clock,), daemon=True)  # noqa: SLF001
    renewing.start()
    try:
        yield lock
    finally:
        lock._ended.set()  # noqa: SLF001
        renewing.join()
        leases.end_lease(_ROLE, owner, now=clock())
