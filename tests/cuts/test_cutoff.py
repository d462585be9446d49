"""What a document was at the end of a day, worked by hand."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend.services.cutoff import as_of

DAY = dt.date(2026, 2, 20)
CHINA = ZoneInfo("Asia/Shanghai")


def grades(*seen: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"day": day, "grade": grade} for day, grade in seen]


def course(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a stored course
    return {
        "_id": "1",
        "onset": "2026-02-18",
        "last_seen": "2026-02-24",
        "worst_grade": 3,
        "end": "2026-02-25",
        "grades": grades(("2026-02-18", 1), ("2026-02-20", 2), ("2026-02-24", 3)),
        "adjudications": [],
        **changes,
    }


def test_a_course_has_the_worst_grade_of_the_days_up_to_the_cut_off_and_is_open() -> None:
    found = as_of("adverse_events", course(), DAY, CHINA)
    assert found is not None
    assert (found["worst_grade"], found["last_seen"], "end" in found) == (2, "2026-02-20", False)
    assert len(found["grades"]) == 2


def test_a_retracted_grade_does_not_count_and_an_end_by_then_stays() -> None:
    seen = grades(("2026-02-17", 4), ("2026-02-18", 1), ("2026-02-19", 0), ("2026-02-24", 3))
    seen[0]["retracted_by"] = "an amended diary's assessment"
    found = as_of("adverse_events", course(grades=seen), DAY, CHINA)
    assert found is not None
    assert (found["onset"], found["worst_grade"], found["end"]) == ("2026-02-18", 1, "2026-02-19")


def test_a_course_that_began_later_is_not_there_unless_a_clinician_dates_it_earlier() -> None:
    later = course(onset="2026-02-21", grades=grades(("2026-02-21", 2)))
    assert as_of("adverse_events", later, DAY, CHINA) is None
    judged = {"onset": "2026-02-20", "end": "2026-02-22", "grade": 2}
    found = as_of("adverse_events", {**later, "adjudications": [judged]}, DAY, CHINA)
    assert found is not None
    assert "worst_grade" not in found
    assert found["adjudications"] == [{"onset": "2026-02-20", "grade": 2}]


def test_a_course_without_grades_is_there_from_its_onset_on() -> None:
    judged = [{"onset": "2026-02-20", "end": "2026-02-20", "grade": 2}]
    found = as_of("adverse_events", course(grades=[], adjudications=judged), DAY, CHINA)
    assert found is not None
    assert found["adjudications"] == judged
    assert as_of("adverse_events", course(grades=[], onset="2026-02-21"), DAY, CHINA) is None


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-02-07", "2026-02-20", {"first": "2026-02-07", "last": "2026-02-20"}),
        ("2026-02-07", "2026-02-21", {"first": "2026-02-07"}),
        ("2026-02-21", "2026-02-22", None),
    ],
)
def test_a_dose_that_goes_on_after_the_cut_off_is_open(
    first: str, last: str, expected: dict[str, str] | None
) -> None:
    assert as_of("exposures", {"first": first, "last": last}, DAY, CHINA) == expected


def test_a_moment_belongs_to_the_day_on_the_subjects_wall() -> None:
    # 23:30 and 00:30 in Shanghai.
    evening = {"raised_at": dt.datetime(2026, 2, 20, 15, 30, tzinfo=dt.UTC)}
    night = {"raised_at": dt.datetime(2026, 2, 20, 16, 30, tzinfo=dt.UTC)}
    assert as_of("alerts", evening, DAY, CHINA) == evening
    assert as_of("alerts", night, DAY, CHINA) is None


def test_a_subject_is_there_from_enrolment_or_the_first_milestone_on() -> None:
    entered = dt.datetime(2026, 2, 25, 8, tzinfo=dt.UTC)
    milestones = [
        {"kind": "randomised", "on": "2026-02-19"},
        {"kind": "surgery", "on": "2026-02-21"},
    ]
    found = as_of("subjects", {"enrolled_at": entered, "milestones": milestones}, DAY, CHINA)
    assert found == {"enrolled_at": entered, "milestones": milestones[:1]}
    assert as_of("subjects", {"enrolled_at": entered, "milestones": []}, DAY, CHINA) is None


@pytest.mark.parametrize(
    "collection", ["assessments", "diaries", "findings", "lab_results", "windows"]
)
def test_what_has_a_day_is_there_up_to_and_with_it(collection: str) -> None:
    assert as_of(collection, {"day": "2026-02-20"}, DAY, CHINA) == {"day": "2026-02-20"}
    assert as_of(collection, {"day": "2026-02-21"}, DAY, CHINA) is None
