"""The trial's time: true seconds between jumps, the same for every process, and back to the wall's."""

import datetime as dt
import time
from pathlib import Path

from simulator.timekeeper import Timekeeper, TrialClock

START = dt.datetime(2026, 3, 1, 6, tzinfo=dt.UTC)


def test_it_begins_where_it_is_told_and_passes_at_the_machine_s_pace(tmp_path: Path) -> None:
    with Timekeeper(tmp_path / "time", START) as keeper:
        first, wall = keeper(), time.time()
        assert dt.timedelta() <= first - START < dt.timedelta(seconds=2)
        time.sleep(0.05)
        passed = (keeper() - first).total_seconds()
        assert abs(passed - (time.time() - wall)) < 0.5


def test_a_jump_is_seen_by_every_clock_and_none_goes_back(tmp_path: Path) -> None:
    with Timekeeper(tmp_path / "time", START) as keeper:
        later = START + dt.timedelta(hours=7)
        with TrialClock(tmp_path / "time") as other:
            keeper.jump_to(later)
            assert dt.timedelta() <= other() - later < dt.timedelta(seconds=2)
            keeper.jump_to(START)
            assert dt.timedelta() <= other() - later < dt.timedelta(seconds=2)


def test_a_moment_is_found_on_the_wall_and_one_jumped_over_at_the_jump(tmp_path: Path) -> None:
    with Timekeeper(tmp_path / "time", START) as keeper:
        begun = time.time()
        time.sleep(0.05)
        jumped = time.time()
        keeper.jump_to(START + dt.timedelta(hours=7))
        assert abs(keeper.wall_of(START) - begun) < 0.5
        assert abs(keeper.wall_of(START + dt.timedelta(hours=3)) - jumped) < 0.5
        assert abs(keeper.wall_of(keeper()) - time.time()) < 0.5
