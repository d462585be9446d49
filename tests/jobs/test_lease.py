"""The clock's lease: one holder, taken over when it runs out, given back at a graceful stop."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.models.lease import find_lease
from backend.services.lease import LEASE, hold_clock, is_clock_running, release_clock
from jobs.clock import hold_lease
from jobs.process import Process
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("database")


def test_lease_shows_that_a_clock_is_alive(process: Process, clock: Clock) -> None:
    # The lease of the fixture is given back.
    release_clock(process.owner, now=clock())
    clock.advance(seconds=1)
    assert not is_clock_running(clock())
    hold_lease(process)
    assert is_clock_running(clock())
    clock.advance(seconds=LEASE.total_seconds() + 0.001)
    assert not is_clock_running(clock())
    hold_lease(process)
    assert is_clock_running(clock())


def test_lease_changes_hands_only_when_it_has_run_out(clock: Clock) -> None:
    assert hold_clock("one", now=clock())
    assert not hold_clock("two", now=clock())
    clock.advance(seconds=LEASE.total_seconds() + 0.001)
    assert hold_clock("two", now=clock())
    assert not hold_clock("one", now=clock())
    lease = find_lease("clock")
    assert lease is not None
    assert (lease.owner, lease.fence) == ("two", 2)


def test_lease_that_is_given_back_is_free_at_once(clock: Clock) -> None:
    hold_clock("one", now=clock())
    release_clock("two", now=clock())
    assert not hold_clock("two", now=clock())
    release_clock("one", now=clock())
    assert hold_clock("two", now=clock.advance(seconds=0.001))


def test_first_lease_has_one_holder(clock: Clock) -> None:
    names = [f"clock-{n}" for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        held = list(pool.map(lambda name: hold_clock(name, now=clock()), names))
    assert held.count(None) == len(names) - 1
