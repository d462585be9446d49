"""Incidence: everybody who was treated counts, once in each line, in the window of the protocol."""

from typing import Any

import flask
import pytest
from pymongo.database import Database

from backend.access import Grant, Role
from tests.people import Person, dosed, enrolled, staff, staff_with
from tests.tables.conftest import REASON, event

Stored = Database[dict[str, Any]]


@pytest.fixture
def trial(clinician: Person) -> list[str]:
    """Give four patients: two of A with colitis 3 and 2, two of B, one with a rash; one untreated."""
    numbers = [enrolled(clinician, arm=arm) for arm in "AABB"]
    for number in numbers:
        dosed(clinician, number, "2026-02-01")
    event(clinician, numbers[0], 3)
    event(
        clinician, numbers[0], 1, onset="2026-02-10", end="2026-02-12", outcome="RECOVERED/RESOLVED"
    )
    event(clinician, numbers[1], 2, seriousness=["hospitalisation"])
    event(clinician, numbers[2], 1, term="Rash maculo-papular", immune_related=False)
    # Not treated, so not in the safety population.
    event(clinician, enrolled(clinician, arm="B"), 4)
    return numbers


def by_arm(reviewer: Person, group: str = "all") -> dict[str, Any]:
    answer = reviewer.post("/tables/incidence/by-arm", {**REASON, "group": group})
    assert answer.status_code == 200, answer.text
    table: dict[str, Any] = answer.get_json()
    return table


def line(table: dict[str, Any], term: str | None) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in table["rows"] if row["term"] == term)
    return found


@pytest.mark.usefixtures("trial")
def test_each_patient_counts_once_by_the_worst_grade(reviewer: Person) -> None:
    table = by_arm(reviewer)
    assert table["population"] == {"A": 2, "B": 2, "total": 4}
    assert (table["without_events"], table["unjudged"], table["blinded"]) == (1, 0, False)
    colitis = line(table, "Colitis")
    assert colitis["any_grade"]["patients"] == {"A": 2, "B": 0, "total": 2}
    assert colitis["any_grade"]["percent"] == {"A": 100.0, "B": 0.0, "total": 50.0}
    assert colitis["severe"]["patients"] == {"A": 1, "B": 0, "total": 1}
    # 2 of 2 beside 0 of 2: of the six tables with these margins two are as extreme.
    compared = colitis["any_grade"]["comparison"]
    assert compared["test"] == "Fisher's exact"
    assert compared["p"] == pytest.approx(2 / 6)
    assert compared["difference"] == 100
    overall = line(table, None)
    assert (overall["level"], overall["any_grade"]["patients"]["total"]) == ("overall", 3)
    socs = [row["soc"] for row in table["rows"] if row["level"] == "soc"]
    assert socs == ["Gastrointestinal disorders", "Skin and subcutaneous tissue disorders"]


@pytest.mark.usefixtures("trial")
def test_immune_related_and_serious_are_as_judged(reviewer: Person) -> None:
    assert line(by_arm(reviewer, "immune-related"), None)["any_grade"]["patients"]["total"] == 2
    serious = by_arm(reviewer, "serious")
    assert line(serious, None)["any_grade"]["patients"] == {"A": 1, "B": 0, "total": 1}
    assert [row["term"] for row in serious["rows"] if row["level"] == "term"] == ["Colitis"]


def test_what_began_before_the_first_dose_or_after_the_window_is_not_counted(
    clinician: Person, trial: list[str], reviewer: Person
) -> None:
    last = trial[3]
    event(clinician, last, 2, term="Nausea", onset="2026-01-31")
    assert line(by_arm(reviewer), None)["any_grade"]["patients"]["total"] == 3
    for number, (kind, on) in enumerate(
        (("first_dose", "2026-02-01"), ("last_treatment", "2026-02-01"))
    ):
        body = {"rev": number, "kind": kind, "on": on}
        answer = clinician.post(f"/subjects/{last}/milestones", body)
        assert answer.status_code == 201, answer.text
    # The window of 30 days ends on 3 March.
    event(clinician, last, 2, term="Vomiting", onset="2026-03-02")
    assert line(by_arm(reviewer), "Vomiting")["any_grade"]["patients"]["total"] == 1


@pytest.mark.usefixtures("trial")
def test_without_the_arms_small_cells_are_hidden(app: flask.Flask) -> None:
    blinded = staff(app, "safety_reviewer")
    table = blinded.get("/tables/incidence").get_json()
    assert (table["blinded"], table["population"]) == (True, {"total": 4})
    assert line(table, "Colitis")["any_grade"] == {
        "patients": {"total": None},
        "percent": {"total": None},
        "comparison": None,
    }
    assert line(table, "Colitis")["severe"]["patients"] == {"total": None}
    rash = line(table, "Rash maculo-papular")
    assert rash["severe"]["patients"] == {"total": 0}
    assert blinded.post("/tables/incidence/by-arm", REASON).status_code == 403


@pytest.mark.usefixtures("trial")
def test_who_looked_at_the_arms_and_why_is_kept(reviewer: Person, database: Stored) -> None:
    assert reviewer.post("/tables/incidence/by-arm", {}).status_code == 422
    assert database["audit"].count_documents({"action": "arm:unblinded"}) == 0
    by_arm(reviewer)
    (entry,) = database["audit"].find({"action": "arm:unblinded"})
    assert entry["actor_id"] == reviewer.id
    assert entry["details"]["reason"] == REASON["reason"]


@pytest.mark.usefixtures("trial")
def test_a_reader_of_one_site_counts_that_site_alone(app: flask.Flask) -> None:
    elsewhere = staff_with(app, (Grant(Role.INVESTIGATOR, "S02", unblinded=True),))
    table = by_arm(elsewhere)
    assert table["population"] == {"A": 0, "B": 0, "total": 0}
    assert [row["level"] for row in table["rows"]] == ["overall"]
    assert table["rows"][0]["any_grade"]["comparison"] is None
