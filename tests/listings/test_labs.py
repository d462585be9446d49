"""Laboratory results as reported, and the shift of each grade, worked by hand from ALT in U/L."""

from typing import Any

import flask
import pytest
from pymongo.database import Database

from tests.conftest import Clock
from tests.listings.trial import alt, cut_of, gave, listed, measured, paged, picked
from tests.people import Person, enrolled, staff

Stored = Database[dict[str, Any]]
SHIFTS = "lab-shifts"
# CTCAE v4.03, ALT increased: above the limit, 3, 5 and 20 times.
TERM = "Alanine aminotransferase increased"
ALT = "?analyte=alt"


def at(day: str) -> str:
    return f"{day}T01:00:00+00:00"


@pytest.fixture
def number(clinician: Person) -> str:
    number = enrolled(
        clinician, baseline_labs=[{"analyte": "ALT", "value": 30, "unit": "U/L", "uln": 40}]
    )
    gave(clinician, number, "oxaliplatin", "2026-02-10", 220)
    return number


def test_from_the_record_of_enrolment_to_the_worst_on_treatment(
    clinician: Person, reviewer: Person, number: str
) -> None:
    # Before treatment: no part of the shift, although it is grade 4.
    measured(clinician, number, at("2026-02-09"), alt(900))
    for day, value in (
        ("2026-02-16", 100),
        ("2026-02-18", 210),
        ("2026-02-20", 201),
        ("2026-02-25", 60),
    ):
        measured(clinician, number, at(day), alt(value))
    (row,) = listed(reviewer, SHIFTS, ALT)
    assert (row["term"], row["shift"]) == (TERM, "0 -> 3")
    assert (row["baseline"], row["baseline_uln"], row["baseline_from"]) == (
        30,
        40,
        "record of enrolment",
    )
    assert (row["baseline_day"], row["baseline_grade"]) == (None, 0)
    # The first day of the worst grade: 210 is 5.25 times the limit.
    assert (row["worst_grade"], row["worst_day"], row["worst_value"]) == (3, "2026-02-18", 210)
    assert (row["last_day"], row["last_value"], row["results"]) == ("2026-02-25", 60, 4)


def test_a_corrected_result_takes_its_grade_with_it(
    clinician: Person, reviewer: Person, number: str, clock: Clock
) -> None:
    measured(clinician, number, at("2026-02-18"), alt(900))
    assert listed(reviewer, SHIFTS, ALT)[0]["shift"] == "0 -> 4"
    # Many, so that no order of the records' ids can be the right one by chance.
    for value in (800, 700, 600, 500, 400, 300, 250, 90):
        clock.advance(minutes=1)
        measured(clinician, number, at("2026-02-18"), alt(value))
    (row,) = listed(reviewer, SHIFTS, ALT)
    assert (row["shift"], row["worst_value"], row["results"]) == ("0 -> 1", 90, 1)


def test_what_is_missing_is_called_missing(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician, baseline_labs=[])
    gave(clinician, number, "oxaliplatin", "2026-02-10", 220)
    measured(clinician, number, at("2026-02-18"), alt(210))
    (row,) = listed(reviewer, SHIFTS, ALT)
    assert (row["shift"], row["baseline"], row["baseline_grade"]) == ("missing -> 3", None, None)
    assert row["baseline_from"] is None
    # The last result up to the first dose is the baseline where enrolment recorded none.
    measured(clinician, number, at("2026-02-10"), alt(130))
    (row,) = listed(reviewer, SHIFTS, ALT)
    assert (row["shift"], row["baseline_from"]) == ("2 -> 3", "last result before treatment")
    assert (row["baseline"], row["baseline_day"]) == (130, "2026-02-10")


def test_an_untreated_subject_has_no_shift(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician, baseline_labs=[])
    measured(clinician, number, at("2026-02-18"), alt(210))
    (row,) = listed(reviewer, SHIFTS, ALT)
    assert (row["shift"], row["worst_grade"], row["results"]) == ("3 -> missing", None, 0)


def test_high_and_low_are_two_rows(clinician: Person, reviewer: Person, number: str) -> None:
    potassium = {"analyte": "potassium", "unit": "mmol/L", "lln": 3.5, "uln": 5.0}
    measured(clinician, number, at("2026-02-18"), {**potassium, "value": 2.8})
    measured(clinician, number, at("2026-02-20"), {**potassium, "value": 5.7})
    rows = listed(reviewer, SHIFTS, "?analyte=potassium")
    assert picked(rows, "term", "shift", "worst_value") == [
        ("Hyperkalemia", "missing -> 2", 5.7),
        ("Hypokalemia", "missing -> 3", 2.8),
    ]
    assert paged(reviewer, SHIFTS) == listed(reviewer, SHIFTS)


def test_results_are_listed_as_reported(clinician: Person, app: flask.Flask, number: str) -> None:
    other = enrolled(clinician, "S02")
    second = measured(clinician, number, at("2026-02-18"), alt(210.5, uln=41))
    first = measured(clinician, number, at("2026-02-16"), alt(100))
    measured(clinician, other, at("2026-02-16"), {"analyte": "ALT", "value": 7, "unit": "IU/L"})
    here = staff(app, "nurse", "S01")
    rows = paged(here, "laboratory-results")
    assert picked(rows, "subject_id", "report_id", "day", "value", "uln") == [
        (number, first, "2026-02-16", 100, 40),
        (number, second, "2026-02-18", 210.5, 41),
    ]
    (row,) = listed(clinician, "laboratory-results", "?site=S02")
    assert (row["value"], row["unit"], row["fasting"]) == (7, "U/L", None)


def test_a_cut_is_graded_by_its_own_rules_or_not_at_all(
    clinician: Person, number: str, database: Stored, app: flask.Flask, clock: Clock
) -> None:
    measured(clinician, number, at("2026-02-18"), alt(210))
    manager = staff(app, "data_manager")
    cut = cut_of(manager, clock)
    assert listed(manager, SHIFTS, f"{ALT}&cut={cut}")[0]["shift"] == "0 -> 3"
    # Taken under other rules, of which nothing was kept: today's would say something else.
    database["data_cuts"].update_one({"_id": cut}, {"$set": {"ruleset_version": "unknown"}})
    assert manager.get(f"/listings/{SHIFTS}?cut={cut}").status_code == 404
