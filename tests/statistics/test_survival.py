"""Time to event, against the 6-MP trial in leukaemia and a small example worked by hand."""

import pytest

from backend.statistics.survival import (
    CENSORED,
    COMPETING,
    EVENT,
    Observed,
    log_rank,
    time_to_event,
)

# Weeks in remission: Freireich et al., Blood 1963;21:699, as in Kleinbaum and Klein, Survival Analysis,
# chapter 2, whose Kaplan-Meier table and log-rank test are the expectation. + is censored.
TREATED = "6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def read(text: str) -> list[Observed]:
    return [
        Observed(int(week.rstrip("+")), CENSORED if week.endswith("+") else EVENT)
        for week in text.split()
    ]


def test_kaplan_meier_is_the_published_table() -> None:
    curve = time_to_event(read(TREATED))
    assert [(step.day, step.at_risk, step.events) for step in curve.steps] == [
        (6, 21, 3),
        (7, 17, 1),
        (10, 15, 1),
        (13, 12, 1),
        (16, 11, 1),
        (22, 7, 1),
        (23, 6, 1),
    ]
    shares = [step.free for step in curve.steps]
    published = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert shares == pytest.approx(published, abs=5e-5)
    assert (curve.patients, curve.events, curve.censored, curve.median) == (21, 9, 12, 23)


def test_the_log_log_interval_is_the_published_one() -> None:
    # Week 6: 0.620 to 0.952, week 23: 0.188 to 0.680 (R survival, conf.type = "log-log").
    first, *_, last = time_to_event(read(TREATED)).steps
    assert (first.low, first.high) == pytest.approx((0.620, 0.952), abs=5e-4)
    assert (last.low, last.high) == pytest.approx((0.188, 0.680), abs=5e-4)


def test_once_nobody_is_left_the_interval_has_no_value() -> None:
    last = time_to_event(read(PLACEBO)).steps[-1]
    assert (last.free, last.low, last.high) == (0, None, None)
    assert time_to_event(read(PLACEBO)).median == 8


def test_log_rank_is_the_published_test() -> None:
    found = log_rank([read(TREATED), read(PLACEBO)])
    assert found is not None
    assert found.chi_square == pytest.approx(16.79, abs=5e-3)
    assert found.p < 0.0001
    assert log_rank([read(TREATED)]) is None
    assert log_rank([read(TREATED), []]) is None
    assert log_rank([read("5+ 6+"), read("7+")]) is None


def test_death_without_the_event_competes() -> None:
    # By hand: day 1, 1 of 5 has it: 0.2. Day 2, 1 of 4 dies: 0.8 x 3/4 = 0.6 are alive without it.
    # Day 4, 1 of 2: 0.2 + 0.6 x 1/2 = 0.5; with death censored 1 - 0.8 x 1/2 = 0.6 would be said.
    observed = [
        Observed(1, EVENT),
        Observed(2, COMPETING),
        Observed(3, CENSORED),
        Observed(4, EVENT),
        Observed(5, CENSORED),
    ]
    curve = time_to_event(observed)
    assert [step.incidence for step in curve.steps] == pytest.approx([0.2, 0.5])
    assert [step.free for step in curve.steps] == pytest.approx([0.8, 0.4])
    assert (curve.events, curve.competing, curve.censored) == (2, 1, 2)


def test_without_events_or_patients_there_is_no_step() -> None:
    for observed in ([], read("5+ 6+")):
        curve = time_to_event(observed)
        assert (curve.steps, curve.median, curve.patients) == ((), None, len(observed))
