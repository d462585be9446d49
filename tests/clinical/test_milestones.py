"""The order of a subject's milestones, and where it stands by them."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.clinical.milestones import (
    ENROLLED,
    FOLLOW_UP,
    MILESTONES,
    OFF_STUDY,
    ON_TREATMENT,
    order_fault,
    status_of,
)

DAY = date(2026, 1, 5)


def course(*kinds: str) -> dict[str, date]:
    """Give milestones a week apart, in the order named."""
    return {kind: DAY + timedelta(weeks=number) for number, kind in enumerate(kinds)}


@pytest.mark.parametrize(
    "kinds",
    [
        ("randomised", "first_dose", "radiotherapy_start", "radiotherapy_end", "last_treatment"),
        ("randomised", "radiotherapy_start", "radiotherapy_end", "first_dose", "last_treatment"),
        ("first_dose", "last_treatment", "efficacy_assessment", "watch_and_wait", "off_study"),
        ("randomised", "first_dose", "efficacy_assessment", "surgery", "off_study"),
        ("randomised", "off_study"),
    ],
)
def test_a_course_of_either_arm_can_be(kinds: tuple[str, ...]) -> None:
    assert order_fault(course(*kinds)) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("first_dose", "randomised"),
        ("radiotherapy_end", "radiotherapy_start"),
        ("last_treatment", "first_dose"),
        ("surgery", "efficacy_assessment"),
        ("off_study", "last_treatment"),
    ],
)
def test_what_cannot_be_is_named(first: str, second: str) -> None:
    assert order_fault(course(first, second)) == f"{first} is before {second}"
    assert order_fault(dict.fromkeys((first, second), DAY)) is None


@settings(deadline=None)
@given(st.permutations(MILESTONES))
def test_nothing_comes_before_the_randomisation_or_after_the_end(kinds: list[str]) -> None:
    if kinds[0] != "randomised" or kinds[-1] != "off_study":
        assert order_fault(course(*kinds)) is not None


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        ((), ENROLLED),
        (("randomised",), ENROLLED),
        (("randomised", "radiotherapy_start"), ON_TREATMENT),
        (("first_dose", "efficacy_assessment"), ON_TREATMENT),
        (("first_dose", "last_treatment"), FOLLOW_UP),
        (("first_dose", "surgery"), FOLLOW_UP),
        (("first_dose", "last_treatment", "off_study"), OFF_STUDY),
    ],
)
def test_the_status_follows(kinds: tuple[str, ...], status: str) -> None:
    assert status_of(course(*kinds)) == status
