"""The plan of a simulated trial: the same from the same seed, and sound in every zone and clock."""

import datetime as dt
from collections import defaultdict
from itertools import islice
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.drive import enrolment, moments
from simulator.faults import TARGETS, WEATHER, Kills, plan_kills, plan_weather
from simulator.people import ZONES
from simulator.plan import DAY, Plan, default_start, make_plan

_SEEDS = st.integers(0, 10_000)


def _plan(seed: int, count: int = 12, days: int = 12) -> Plan:
    return make_plan(seed, count, days, default_start(seed, days))


def test_the_same_seed_makes_the_same_trial_and_another_one_another() -> None:
    assert _plan(5) == _plan(5)
    assert _plan(5).entries != _plan(7).entries
    kills = Kills(20, 60)
    assert list(islice(plan_kills(5, kills), 40)) == list(islice(plan_kills(5, kills), 40))
    assert list(islice(plan_weather(5), 40)) == list(islice(plan_weather(5), 40))


@settings(max_examples=12, deadline=None)
@given(_SEEDS)
def test_each_diary_is_of_the_day_that_its_phone_showed(seed: int) -> None:
    for entry in _plan(seed).entries:
        if entry.amends is None:
            assert entry.reported_at.date() == entry.day
        assert entry.reported_at.tzinfo == ZoneInfo(entry.zone)
        # The phone's clock is wrong by just what the plan says, whatever daylight saving does.
        assert entry.reported_at.astimezone(dt.UTC) - entry.written_at == entry.skew


@settings(max_examples=12, deadline=None)
@given(_SEEDS)
def test_each_diary_is_sent_after_it_is_written_and_within_the_trial(seed: int) -> None:
    plan = _plan(seed)
    last = max(at for at, sends in moments(plan.start, plan.days) if sends)
    for entry in plan.entries:
        assert enrolment(plan.start) < entry.written_at <= entry.sent_at <= last


@settings(max_examples=12, deadline=None)
@given(_SEEDS)
def test_a_patient_writes_once_a_day_and_a_burst_comes_at_one_moment(seed: int) -> None:
    plan = _plan(seed, count=30)
    ids = [entry.submission_id for entry in plan.entries]
    assert len(ids) == len(set(ids))
    days = [(entry.patient, entry.day) for entry in plan.entries if entry.amends is None]
    assert len(days) == len(set(days))
    bursts = defaultdict(list)
    for entry in plan.entries:
        if entry.burst > 1:
            bursts[entry.patient, entry.sent_at].append(entry)
    for (_, sent_at), waited in bursts.items():
        assert len(waited) == waited[0].burst
        assert all(entry.written_at < sent_at for entry in waited)


@settings(max_examples=12, deadline=None)
@given(_SEEDS)
def test_a_correction_comes_after_what_it_corrects(seed: int) -> None:
    plan = _plan(seed, count=30)
    first = {entry.submission_id: entry for entry in plan.entries}
    for entry in plan.entries:
        if entry.amends is not None:
            assert first[entry.amends].sent_at < entry.sent_at
            assert first[entry.amends].day == entry.day


@settings(max_examples=12, deadline=None)
@given(_SEEDS, st.integers(6, 60))
def test_every_trial_of_six_days_or_more_lives_through_a_change(seed: int, days: int) -> None:
    changes = make_plan(seed, 3, days, default_start(seed, days)).changes()
    assert "Europe/Berlin" in {zone for zone, _ in changes}
    assert "Asia/Shanghai" not in {zone for zone, _ in changes}


def test_sixty_days_live_through_both_changes() -> None:
    for seed in (1, 2):
        changes = make_plan(seed, 3, 60, default_start(seed, 60)).changes()
        assert {zone for zone, _ in changes} == {"Europe/Berlin", "America/New_York"}


def test_in_spring_the_hour_that_is_left_out_becomes_the_next() -> None:
    day = dt.date(2026, 3, 29)
    plan = make_plan(2, 200, 10, day - 5 * DAY)
    nights = [
        entry
        for entry in plan.entries
        if entry.day == day and entry.zone == "Europe/Berlin" and not entry.amends
        if plan.people[entry.patient].habit.hour == 2
    ]
    assert nights
    assert {entry.reported_at.hour for entry in nights} == {3}


def test_what_a_large_trial_is_made_of() -> None:
    plan = make_plan(3, 200, 60, default_start(3, 60))
    written = [entry for entry in plan.entries if entry.amends is None]
    early = sum(entry.number < 10 for entry in written) / (200 * 10)
    late = sum(entry.number >= 50 for entry in written) / (200 * 10)
    assert early > 0.9
    assert 0.55 < late < 0.75
    assert {entry.repeat for entry in written} == {"", "again", "at once"}
    assert max(entry.burst for entry in written) >= 5
    assert len(plan.entries) > len(written)
    assert {patient.site for patient in plan.people} == set(ZONES)
    assert any(patient.skew > dt.timedelta(hours=6) for patient in plan.people)
    assert any(patient.skew < -dt.timedelta(hours=6) for patient in plan.people)
    assert any(entry.zone != plan.people[entry.patient].zone for entry in written)
    stories = {(plan.people[one.patient].arm, one.story) for one in written if one.story}
    assert {arm for arm, _ in stories} == {"A", "B"}
    assert len(stories) == 12


def test_each_target_is_killed_and_each_fault_comes_in_every_round() -> None:
    kills = [target for _, target in islice(plan_kills(9, Kills(20, 60)), 2 * len(TARGETS))]
    assert set(kills[: len(TARGETS)]) == set(kills[len(TARGETS) :]) == set(TARGETS)
    assert {fault for _, _, fault in islice(plan_weather(9), len(WEATHER))} == set(WEATHER)
    assert all(20 <= pause <= 60 for pause, _ in islice(plan_kills(9, Kills(20, 60)), 50))
