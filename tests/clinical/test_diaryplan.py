"""On which days a diary is expected, what it asks, and when its window opens and closes."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.clinical.diaryplan import (
    PHASES,
    Course,
    Extra,
    Phase,
    Plan,
    asked_on,
    moment,
    phase_on,
    reminders,
    window_times,
)

START = dt.date(2026, 3, 2)
PLAN = Plan(
    daily=("diarrhea",),
    weekly=("fatigue",),
    phases={name: Phase(1) for name in PHASES}
    | {"watch_and_wait": Phase(7), "surgery": Phase(0), "radiotherapy": Phase(1, ask=("pain",))},
    extras=(Extra("oxaliplatin", 5, ("numbness_tingling",)),),
    cycle_days=21,
    safety_window_days=30,
    surgery_days=14,
)


def day(number: int) -> dt.date:
    return START + dt.timedelta(days=number)


COURSE = Course(
    arm="A",
    randomised=day(0),
    cycles=(day(7), day(28)),
    radiotherapy=(day(56), day(60)),
    first_treatment=day(7),
)
ENDED = replace(
    COURSE, last_treatment=day(100), surgery=day(120), watch_and_wait=day(125), off_study=day(400)
)


@pytest.mark.parametrize(
    ("number", "phase"),
    [
        (-1, None),
        (0, "baseline"),
        (6, "baseline"),
        (7, "cycle"),
        (27, "cycle"),
        (28, "cycle"),
        (48, "cycle"),
        (49, "rest"),
        (56, "radiotherapy"),
        (60, "radiotherapy"),
        (61, "rest"),
    ],
)
def test_the_phase_of_a_day_on_treatment(number: int, phase: str | None) -> None:
    found = phase_on(day(number), COURSE, PLAN)
    assert (None if found is None else found[0]) == phase


@pytest.mark.parametrize(
    ("number", "phase"),
    [
        (100, "rest"),
        (101, "follow_up"),
        (119, "follow_up"),
        (120, "surgery"),
        (133, "surgery"),
        (134, "watch_and_wait"),
        (399, "watch_and_wait"),
        (400, None),
    ],
)
def test_the_phase_of_a_day_after_treatment(number: int, phase: str | None) -> None:
    found = phase_on(day(number), ENDED, PLAN)
    assert (None if found is None else found[0]) == phase


def test_thirty_days_after_the_last_treatment_it_ends_but_for_who_waits() -> None:
    alone = replace(ENDED, surgery=None, watch_and_wait=None)
    found = phase_on(day(130), alone, PLAN)
    assert found is not None
    assert found[0] == "follow_up"
    assert phase_on(day(131), alone, PLAN) is None
    assert phase_on(day(131), replace(alone, watch_and_wait=day(140)), PLAN) is None


def test_radiotherapy_without_an_end_lasts_a_week() -> None:
    going = replace(COURSE, radiotherapy=(day(56), None))
    assert [(phase_on(day(number), going, PLAN) or ("", START))[0] for number in (62, 63)] == [
        "radiotherapy",
        "rest",
    ]


def test_before_radiotherapy_is_planned_there_is_none() -> None:
    none = replace(COURSE, radiotherapy=None)
    assert (phase_on(day(57), none, PLAN) or ("",))[0] == "rest"


def test_what_is_asked_depends_on_the_day_the_phase_and_what_is_on_board() -> None:
    assert asked_on(day(1), COURSE, PLAN) == ("baseline", ("diarrhea",))
    assert asked_on(day(0), COURSE, PLAN) == ("baseline", ("diarrhea", "fatigue"))
    recent, over = (replace(COURSE, since={"oxaliplatin": days}) for days in (5, 6))
    assert asked_on(day(33), recent, PLAN) == ("cycle", ("diarrhea", "numbness_tingling"))
    assert asked_on(day(34), over, PLAN) == ("cycle", ("diarrhea",))
    assert asked_on(day(57), COURSE, PLAN) == ("radiotherapy", ("diarrhea", "pain"))


def test_a_phase_may_ask_weekly_never_or_in_one_arm() -> None:
    waits = replace(ENDED, surgery=None)
    weekly = [n for n in range(131, 160) if asked_on(day(n), waits, PLAN) is not None]
    assert weekly == [132, 139, 146, 153]
    assert asked_on(day(120), ENDED, PLAN) is None
    one_arm = replace(PLAN, phases={"baseline": Phase(1, arms=("B",))})
    assert asked_on(day(0), COURSE, one_arm) is None
    assert asked_on(day(0), replace(COURSE, arm="B"), one_arm) is not None
    assert asked_on(day(8), COURSE, one_arm) is None
    assert asked_on(day(-1), COURSE, PLAN) is None


@pytest.mark.parametrize(
    ("on", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2026-03-02", 24)],
)
def test_a_day_is_as_long_as_the_wall_clock_says(on: str, hours: int) -> None:
    times = window_times(
        dt.date.fromisoformat(on), "Europe/Berlin", close_after=dt.timedelta(hours=24)
    )
    assert times.due_at - times.opens_at == dt.timedelta(hours=hours)
    assert times.closes_at - times.due_at == dt.timedelta(hours=24)


ZONES = ["Europe/Berlin", "Asia/Shanghai", "America/Sao_Paulo", "Australia/Lord_Howe"]


@given(st.integers(0, 2000), st.sampled_from(ZONES))
def test_windows_follow_each_other_without_gap_or_overlap(number: int, zone: str) -> None:
    first, second = (
        window_times(day(each), zone, close_after=dt.timedelta()) for each in (number, number + 1)
    )
    assert first.due_at == second.opens_at
    assert dt.timedelta(hours=22) < first.due_at - first.opens_at < dt.timedelta(hours=26)


@given(st.integers(0, 2000), st.times(), st.sampled_from(ZONES))
def test_a_time_of_day_is_that_time_or_the_hour_that_was_left_out(
    number: int, time: dt.time, zone: str
) -> None:
    shown = moment(day(number), time, zone).astimezone(ZoneInfo(zone))
    wanted = dt.datetime.combine(day(number), time)
    assert abs(shown.replace(tzinfo=None) - wanted) <= dt.timedelta(hours=1)


def test_it_reminds_again_while_the_day_lasts() -> None:
    first = dt.datetime(2026, 3, 2, 19, tzinfo=dt.UTC)
    pauses = [dt.timedelta(hours=2), dt.timedelta(hours=6)]
    assert reminders(first, pauses, until=first + dt.timedelta(hours=5)) == (
        first,
        first + pauses[0],
    )
    assert reminders(first, (), until=first) == ()
