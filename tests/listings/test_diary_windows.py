"""Expected diaries one by one: due, late with the hours so far, missed, done, done late, excused."""

import datetime as dt

import flask
import pytest

from backend.services.diary_plan import follow_windows
from backend.services.lease import Fence, hold_clock
from tests.conftest import Clock
from tests.listings.trial import gave, listed, paged, picked, wrote
from tests.people import Person, enrolled, staff

NAME = "diary-windows"


def follow(app: flask.Flask, number: str, clock: Clock) -> None:
    """Let the clock process look after a subject's windows."""
    here = app.extensions["backend"]
    fence = Fence(hold_clock("this clock", now=clock()))
    follow_windows(number, study=here.study, fence=fence, now=clock(), ids=here.ids)


@pytest.fixture
def number(clinician: Person, app: flask.Flask, clock: Clock) -> str:
    """Give a subject whose windows begin on 25 February; it is 16:00 in Shanghai on 2 March."""
    number = enrolled(clinician)
    gave(clinician, number, "oxaliplatin", "2026-02-20", 220)
    wrote(clinician, number, "2026-02-25")
    follow(app, number, clock)
    return number


@pytest.mark.usefixtures("number")
def test_each_window_and_how_late(reviewer: Person) -> None:
    rows = listed(reviewer, NAME)
    assert picked(rows, "day", "state", "hours_late", "phase") == [
        # Due by midnight in Shanghai, 16:00 UTC on the 25th; it came at 08:00 UTC on 2 March.
        ("2026-02-25", "done_late", 4 * 24 + 16, "cycle"),
        ("2026-02-26", "missed", None, "cycle"),
        ("2026-02-27", "missed", None, "cycle"),
        ("2026-02-28", "missed", None, "cycle"),
        # Since 16:00 UTC on the 1st.
        ("2026-03-01", "late", 16, "cycle"),
        ("2026-03-02", "due", None, "cycle"),
    ]
    assert dt.datetime.fromisoformat(rows[0]["due_at"]) == dt.datetime(
        2026, 2, 25, 16, tzinfo=dt.UTC
    )
    assert dt.datetime.fromisoformat(rows[0]["done_at"]) == dt.datetime(
        2026, 3, 2, 8, tzinfo=dt.UTC
    )
    assert rows[1]["done_at"] is None
    assert paged(reviewer, NAME) == rows


def test_an_excused_day_has_its_reason(clinician: Person, reviewer: Person, number: str) -> None:
    path = f"/subjects/{number}/diary-plan/2026-02-27/excuse"
    answer = clinician.post(path, {"reason": "in hospital"})
    assert answer.status_code == 200, answer.text
    (row,) = listed(reviewer, NAME, "?state=excused")
    assert (row["day"], row["excuse"], row["hours_late"]) == ("2026-02-27", "in hospital", None)


def test_windows_of_a_site_are_for_its_readers(app: flask.Flask, number: str) -> None:
    assert {row["subject_id"] for row in listed(staff(app, "nurse", "S01"), NAME)} == {number}
    assert listed(staff(app, "nurse", "S02"), NAME) == []
