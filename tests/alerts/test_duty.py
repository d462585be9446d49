"""Duty hours by the clock on a site's wall: nights, holidays, daylight saving, quiet hours."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.duty import DAYS, QuietHours, Shift, after_quiet_hours, on_duty

BERLIN = "Europe/Berlin"
EVERY_DAY = frozenset(DAYS)
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minute: START + dt.timedelta(minutes=minute))


def at(text: str, zone: str = BERLIN) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def shift(
    days: str = "mon", begins: str = "08:00", ends: str = "16:00", **limits: dt.date
) -> Shift:
    times = dt.time.fromisoformat(begins), dt.time.fromisoformat(ends)
    return Shift("ann", "nurse", frozenset(days.split()), *times, **limits)


def is_on(known: Shift, moment: str, *holidays: str, role: str = "nurse") -> bool:
    off = {dt.date.fromisoformat(day) for day in holidays}
    return bool(on_duty([known], role, at=at(moment), zone=BERLIN, holidays=off))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02T07:59", False),
        ("2026-03-02T08:00", True),
        ("2026-03-02T15:59", True),
        ("2026-03-02T16:00", False),
        ("2026-03-03T09:00", False),
    ],
)
def test_a_shift_begins_and_ends_to_the_minute(moment: str, *, expected: bool) -> None:
    assert is_on(shift(), moment) is expected


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = shift(begins="22:00", ends="06:00")
    assert is_on(night, "2026-03-03T05:59")
    assert not is_on(night, "2026-03-02T05:59")
    assert not is_on(night, "2026-03-03T06:00")
    whole = shift(begins="08:00", ends="08:00")
    assert is_on(whole, "2026-03-03T07:59")


def test_a_holiday_is_no_weekday() -> None:
    assert not is_on(shift(), "2026-03-02T09:00", "2026-03-02")
    assert is_on(shift("holiday"), "2026-03-02T09:00", "2026-03-02")
    assert not is_on(shift("holiday"), "2026-03-02T09:00")


def test_a_shift_counts_from_its_first_to_its_last_day() -> None:
    limited = shift(since=dt.date(2026, 3, 2), until=dt.date(2026, 3, 9))
    assert not is_on(limited, "2026-02-23T09:00")
    assert is_on(limited, "2026-03-09T09:00")
    assert not is_on(limited, "2026-03-16T09:00")


def test_only_the_role_asked_for_and_each_person_once() -> None:
    assert not is_on(shift(), "2026-03-02T09:00", role="investigator")
    twice = [shift(), shift(begins="09:00")]
    found = on_duty(twice, "nurse", at=at("2026-03-02T10:00"), zone=BERLIN, holidays=())
    assert found == ("ann",)


def test_the_wall_clock_counts_when_it_is_put_forward_and_back() -> None:
    night = Shift("ann", "nurse", EVERY_DAY, dt.time(22), dt.time(6))
    for local in ("2026-03-29T03:30", "2026-10-25T02:30", "2026-10-25T05:59"):
        assert is_on(night, local), local
    assert not is_on(night, "2026-03-29T06:00")


QUIET = QuietHours(dt.time(22), dt.time(7))


@pytest.mark.parametrize(
    ("moment", "rings"),
    [
        ("2026-03-02T21:59", "2026-03-02T21:59"),
        ("2026-03-02T22:00", "2026-03-03T07:00"),
        ("2026-03-03T06:59", "2026-03-03T07:00"),
        ("2026-03-03T07:00", "2026-03-03T07:00"),
        # The clock is put forward in this night.
        ("2026-03-28T23:00", "2026-03-29T07:00"),
    ],
)
def test_quiet_hours_put_off_to_their_end(moment: str, rings: str) -> None:
    assert after_quiet_hours(at(moment), QUIET, BERLIN) == at(rings)


@given(
    MOMENTS,
    st.sampled_from([BERLIN, "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]),
    st.times(),
    st.times(),
)
def test_two_shifts_that_meet_leave_no_gap(
    moment: dt.datetime, zone: str, first: dt.time, second: dt.time
) -> None:
    day = Shift("day", "nurse", EVERY_DAY, first, second)
    night = Shift("night", "nurse", EVERY_DAY, second, first)
    assert on_duty([day, night], "nurse", at=moment, zone=zone, holidays=())


@given(
    MOMENTS,
    st.sampled_from([BERLIN, "Asia/Shanghai", "America/New_York"]),
)
def test_what_is_put_off_is_later_by_less_than_a_day_and_not_put_off_again(
    moment: dt.datetime, zone: str
) -> None:
    rings = after_quiet_hours(moment, QUIET, zone)
    assert dt.timedelta() <= rings - moment < dt.timedelta(hours=11)
    assert after_quiet_hours(rings, QUIET, zone) == rings
