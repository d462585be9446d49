"""Adverse event courses: every way in which one day's grade can change them."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from backend.clinical.episodes import Change, Course, follow, standing

GAP = 7


def day(number: int) -> dt.date:
    return dt.date(2026, 3, 1) + dt.timedelta(days=number)


def followed(courses: list[Course], grade: int | None, on: int) -> tuple[Change, Course | None]:
    found = follow(courses, grade=grade, day=day(on), gap_days=GAP, new_id="new")
    return found.change, found.course


OPEN = Course("first", day(0), day(3), 2)
ENDED = Course("first", day(0), day(3), 2, end=day(5))


def test_a_first_grade_opens_a_course() -> None:
    assert followed([], 1, 4) == (Change.OPEN, Course("new", day(4), day(4), 1))


def test_the_same_or_a_lower_grade_extends_it_and_keeps_the_worst() -> None:
    assert followed([OPEN], 1, 4) == (Change.EXTEND, Course("first", day(0), day(4), 2))


def test_a_higher_grade_worsens_it() -> None:
    assert followed([OPEN], 3, 4) == (Change.WORSEN, Course("first", day(0), day(4), 3))


def test_a_grade_within_the_gap_belongs_to_the_course_and_one_day_more_opens_a_new_one() -> None:
    assert followed([OPEN], 2, 3 + GAP)[0] is Change.EXTEND
    assert followed([OPEN], 2, 4 + GAP) == (Change.OPEN, Course("new", day(11), day(11), 2))


def test_grade_zero_ends_it_on_that_day() -> None:
    assert followed([OPEN], 0, 5) == (Change.END, ENDED)


def test_grade_zero_ends_nothing_twice_and_nothing_that_was_seen_later() -> None:
    assert followed([ENDED], 0, 6) == (Change.NONE, ENDED)
    assert followed([OPEN], 0, 2) == (Change.NONE, OPEN)
    assert followed([], 0, 2) == (Change.NONE, None)


def test_what_cannot_be_graded_changes_nothing() -> None:
    assert followed([OPEN], None, 4) == (Change.NONE, OPEN)


def test_it_reopens_when_it_comes_back_within_the_gap() -> None:
    assert followed([ENDED], 1, 5 + GAP) == (
        Change.REOPEN,
        Course("first", day(0), day(12), 2),
    )
    assert followed([ENDED], 1, 6 + GAP)[0] is Change.OPEN


def test_a_late_diary_moves_the_onset_back_and_never_reopens_what_ended_after_it() -> None:
    assert followed([ENDED], 1, -2) == (
        Change.EXTEND,
        Course("first", day(-2), day(3), 2, end=day(5)),
    )
    assert followed([OPEN], 1, -GAP - 1)[0] is Change.OPEN


@given(
    st.lists(st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 4))), max_size=40)
)
def test_in_any_order_no_grade_is_lost_and_courses_stay_well_formed(
    seen: list[tuple[int, int | None]],
) -> None:
    courses: dict[str, Course] = {}
    for index, (on, grade) in enumerate(seen):
        found = follow(courses.values(), grade=grade, day=day(on), gap_days=GAP, new_id=str(index))
        if found.course is not None:
            courses[found.course.id] = found.course
    for course in courses.values():
        assert course.onset <= course.last_seen
        assert course.end is None or course.end >= course.last_seen
    graded = [grade for _, grade in seen if grade]
    assert max((course.worst_grade for course in courses.values()), default=0) == max(
        graded, default=0
    )


def test_a_course_stands_by_the_days_that_still_count() -> None:
    whole = [(day(2), 3), (day(0), 1), (day(4), 0), (day(1), 0)]
    assert standing(ENDED, whole) == Course("first", day(0), day(2), 3, end=day(4))
    assert standing(ENDED, [(day(0), 1), (day(1), 0)]) == Course("first", day(0), day(0), 1, day(1))
    assert standing(ENDED, [(day(3), 2), (day(1), 0)]) == Course("first", day(3), day(3), 2)
    assert standing(ENDED, [(day(4), 0)]) is None
    assert standing(ENDED, []) is None
