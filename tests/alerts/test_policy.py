"""The steps of a policy: when each is due, and the last one again and again."""

import datetime as dt

from backend.escalation import EscalationPolicy, EscalationStep

RUNG = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)


def minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


STEPS = (
    EscalationStep(minutes(0), ("duty_nurse",)),
    EscalationStep(minutes(5), ("duty_investigator",)),
)


def test_steps_are_due_after_it_first_rang() -> None:
    once = EscalationPolicy(STEPS)
    assert [once.due_at(number, RUNG) for number in range(3)] == [RUNG, RUNG + minutes(5), None]
    assert [once.step(number) for number in range(3)] == [*STEPS, None]


def test_the_last_step_repeats_for_ever_where_the_policy_says_so() -> None:
    again = EscalationPolicy(STEPS, repeat_every=minutes(15))
    assert [again.due_at(number, RUNG) for number in (2, 3, 102)] == [
        RUNG + minutes(20),
        RUNG + minutes(35),
        RUNG + minutes(5 + 15 * 101),
    ]
    assert again.step(102) == STEPS[1]


def test_what_has_no_steps_never_rings() -> None:
    waits = EscalationPolicy(repeat_every=minutes(15))
    assert waits.step(0) is None
    assert waits.due_at(0, RUNG) is None
