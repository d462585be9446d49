"""What is drawn, worked by hand."""

import datetime as dt
from collections import Counter
from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.access import Actor, Grant, Role, Scope
from backend.context import Context
from backend.errors import InvalidInput, NotFound
from backend.models.frame import Frame
from backend.pictures.asked import PictureAsked
from backend.pictures.compliance import read_compliance
from backend.pictures.grades_by_cycle import UNKNOWN, read_cycle_grades
from backend.pictures.hys_law import read_hys_law
from backend.pictures.lab_trends import read_lab_trend
from backend.pictures.response import read_responses
from backend.pictures.symptom_days import read_symptom_days
from backend.pictures.timeline import read_timeline
from backend.pictures.tornado import read_tornado
from tests.conftest import START

Stored = Database[dict[str, Any]]


def asked(app: flask.Flask, **further: Any) -> PictureAsked:  # noqa: ANN401 - the record's own
    here: Context = app.extensions["backend"]
    reviewer = Actor("r", (Grant(Role.SAFETY_REVIEWER, None, unblinded=True),))
    return PictureAsked(reviewer, Frame(START), here.study, here.ruleset, None, **further)


def test_a_timeline_has_the_worst_score_of_each_day_and_tells_samples_beyond_limits(
    app: flask.Flask, trial: list[str]
) -> None:
    found = read_timeline(asked(app, subject_id=trial[0]))
    february, march = dt.date(2026, 2, 28), dt.date(2026, 3, 2)
    assert found.symptoms["Tiredness"] == {february: 2, march: 0}
    assert found.symptoms["Cough"] == {march: 1}
    assert found.samples == {dt.date(2026, 2, 10): True, dt.date(2026, 2, 20): True}
    assert read_timeline(asked(app, subject_id=trial[1])).samples == {dt.date(2026, 2, 10): False}
    assert (found.first, found.last) == (dt.date(2026, 2, 2), march)
    with pytest.raises(NotFound):
        read_timeline(asked(app, subject_id="S01-9999"))


def test_a_day_without_a_diary_is_told_from_a_symptom_that_was_not_asked(
    app: flask.Flask, trial: list[str]
) -> None:
    found = read_symptom_days(asked(app, subject_id=trial[0]))
    assert len(found.days) == 3
    assert found.written == {dt.date(2026, 2, 28), dt.date(2026, 3, 2)}
    assert dt.date(2026, 2, 28) not in found.scores["Cough"]
    assert found.scores["Tiredness"][dt.date(2026, 3, 2)] == 0
    assert read_symptom_days(asked(app, subject_id=trial[2])).days == ()


def test_the_bands_of_a_trend_are_the_rules_own(app: flask.Flask, trial: list[str]) -> None:
    found = read_lab_trend(asked(app, subject_id=trial[0], analyte="alt"))
    assert [float(result.value) for result in found.results] == [130, 90]
    # CTCAE v4.03: more than 1, 3, 5 and 20 times the upper limit of 40.
    bands = [(band.grade, float(band.bound), band.above) for band in found.bands]
    assert bands == [(1, 40, True), (2, 120, True), (3, 200, True), (4, 800, True)]
    with pytest.raises(InvalidInput):
        read_lab_trend(asked(app, subject_id=trial[0], analyte="unobtainium"))
    assert read_lab_trend(asked(app, subject_id=trial[2], analyte="alt")).results == ()


@pytest.mark.usefixtures("trial")
def test_hys_law_has_the_highest_of_each_and_says_who_is_missing(app: flask.Flask) -> None:
    found = read_hys_law(asked(app))
    (peak,) = found.peaks
    # 130 of 40 and 45 of 20; ALP 100 of 125.
    assert (peak.transaminase, peak.bilirubin, peak.alp) == (3.25, 2.25, 0.8)
    assert peak.is_in_hys_quadrant
    # The other treated one has no bilirubin; who was never treated does not count.
    assert found.without == 1


@pytest.mark.usefixtures("trial")
def test_grades_by_cycle_tell_none_from_unknown(app: flask.Flask, database: Stored) -> None:
    by_arm = read_cycle_grades(asked(app, unblinded=Scope(sites=None)))
    assert by_arm.groups == {"A": {1: Counter({3: 1})}, "B": {1: Counter({0: 1})}}
    database["lab_results"].delete_many({"subject_id": "S01-0002"})
    by_arm = read_cycle_grades(asked(app, unblinded=Scope(sites=None)))
    assert by_arm.groups["B"] == {1: Counter({UNKNOWN: 1})}
    blinded = read_cycle_grades(asked(app))
    assert (list(blinded.groups), blinded.hidden) == (["all"], True)


@pytest.mark.usefixtures("trial")
def test_a_tornado_counts_as_the_table_does(app: flask.Flask) -> None:
    table = read_tornado(asked(app, unblinded=Scope(sites=None)))
    (colitis,) = [row for row in table.rows if row.term == "Colitis"]
    assert colitis.any_grade.patients == {"A": 1, "B": 0, "total": 1}


def test_compliance_is_by_week(app: flask.Flask, database: Stored) -> None:
    states = ("done", "done_late", "missed", "due", "excused")
    for number, state in enumerate(states):
        window = {"subject_id": "S01-0001", "site": "S01", "state": state}
        # Monday 2 February to Friday, and the Monday after.
        database["windows"].insert_one({**window, "_id": state, "day": f"2026-02-0{2 + number}"})
    later = {"_id": "x", "subject_id": "S01-0001", "site": "S01", "state": "done"}
    database["windows"].insert_one({**later, "day": "2026-02-09"})
    first = Counter({"done": 1, "done_late": 1, "missed": 1, "open": 1, "excused": 1})
    assert read_compliance(asked(app)) == {
        dt.date(2026, 2, 2): first,
        dt.date(2026, 2, 9): Counter({"done": 1}),
    }


def test_response_times_keep_those_who_wait(app: flask.Flask, database: Stored) -> None:
    for number, minutes in enumerate((5, 30, None)):
        alert: dict[str, Any] = {
            "_id": str(number),
            "site": "S01",
            "subject_id": "S01-0001",
            "tier": "urgent",
            "raised_at": START,
            "acknowledge_by": START + dt.timedelta(minutes=60),
            "steps": [],
        }
        if minutes is not None:
            alert["acknowledged_at"] = START + dt.timedelta(minutes=minutes)
        database["alerts"].insert_one(alert)
    (found,) = read_responses(asked(app)).values()
    assert (found.minutes, found.waiting, found.allowed) == ((5, 30), 1, 60)
