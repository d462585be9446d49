"""Rates by exposure, time to the first event and strata, of four patients worked by hand."""

import io
from typing import Any

import flask
import openpyxl
import pypdf
import pytest
from pymongo.database import Database

from backend.statistics.comparison import RULE
from backend.statistics.rates import DAYS_OF_YEAR
from tests.people import Person, staff
from tests.tables.conftest import REASON

Stored = Database[dict[str, Any]]
pytestmark = pytest.mark.usefixtures("followed")


def table(reviewer: Person, name: str, **asked: object) -> dict[str, Any]:
    answer = reviewer.post(f"/tables/{name}/by-arm", {**REASON, **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_rates_by_time_at_risk(reviewer: Person) -> None:
    found = table(reviewer, "exposure-rates")
    (colitis,) = [row for row in found["rows"] if row["term"] == "Colitis"]
    # A: 11 days until the event and 30 without; B: 21 until the event and 25 until death.
    for arm, days in (("A", 41), ("B", 46), ("total", 87)):
        rate = colitis["rates"][arm]
        patients = 2 if arm == "total" else 1
        assert rate["patient_years"] == pytest.approx(days / DAYS_OF_YEAR)
        assert rate["rate"] == pytest.approx(100 * patients / (days / DAYS_OF_YEAR))
    assert colitis["comparison"]["ratio"] == pytest.approx(46 / 41)
    # Given one event each, the conditional test finds nothing.
    assert colitis["comparison"]["p"] == pytest.approx(1)


def test_time_to_the_first_event(reviewer: Person) -> None:
    found = table(reviewer, "first-event", term="Colitis")
    either, severe = found["rows"]
    first, second = either["curves"]["A"], either["curves"]["B"]
    assert [(step["day"], step["at_risk"], step["free"]) for step in first["steps"]] == [
        (11, 2, 0.5)
    ]
    assert (first["median"], first["censored"], first["competing"]) == (11, 1, 0)
    assert [(step["day"], step["at_risk"]) for step in second["steps"]] == [(21, 2)]
    assert (second["competing"], second["censored"]) == (1, 0)
    assert (severe["least_grade"], severe["curves"]["B"]["steps"]) == (3, [])
    # Day 11: 1 of 4, half expected in A; day 21: 1 of 3, a third expected in A. Observed 1.
    # Variance 1/4 + 2/9: (1 - 5/6)^2 / (17/36).
    assert either["log_rank"]["chi_square"] == pytest.approx((1 / 36) / (17 / 36))
    # Death itself is an event where any term counts.
    whole = table(reviewer, "first-event")["rows"][0]["curves"]["B"]
    assert [step["day"] for step in whole["steps"]] == [21, 25]


def test_strata_of_the_randomisation(reviewer: Person) -> None:
    any_grade, severe = table(reviewer, "strata", group="immune-related")["rows"]
    assert [(each["stratum"], each["patients"]) for each in any_grade["strata"]] == [
        ("positive", {"A": 1, "B": 1, "total": 2}),
        ("negative", {"A": 0, "B": 0, "total": 0}),
    ]
    # Nobody or everybody had it in each stratum: there is nothing to test.
    assert any_grade["test"] is None
    # Severe, positive: 1 of 1 beside 0 of 1: expected 1/2, variance 1/4.
    assert severe["test"]["statistic"] == pytest.approx(1)
    assert severe["test"]["strata_used"] == 1


def test_special_interest_and_missing_things_are_shown(reviewer: Person) -> None:
    found = table(reviewer, "incidence", group="special-interest")
    assert found["rows"][0]["any_grade"]["patients"]["total"] == 3
    assert (found["not_treated"], found["window_open"], found["unjudged"]) == (0, 4, 0)
    assert found["rows"][0]["by_grade"]["total"] == {"1": 0, "2": 1, "3": 1, "4": 0, "5": 1}


@pytest.mark.parametrize("name", ["incidence", "exposure-rates", "first-event", "strata"])
def test_without_the_arms_small_cells_are_hidden_everywhere(app: flask.Flask, name: str) -> None:
    blinded = staff(app, "safety_reviewer")
    found = blinded.get(f"/tables/{name}?group=all").get_json()
    assert (found["blinded"], found["population"]) == (True, {"total": 4})
    shown = str(found["rows"])
    assert "'A'" not in shown
    if name == "incidence":
        assert found["rows"][0]["any_grade"]["patients"] == {"total": None}
        assert set(found["rows"][0]["by_grade"]["total"].values()) == {None}
    if name == "exposure-rates":
        assert found["rows"][0]["rates"] == {"total": None}
    if name == "first-event":
        assert found["rows"][0]["curves"] == {"total": None}
    if name == "strata":
        assert found["rows"][0]["strata"][0]["patients"] == {"total": None}


def test_a_file_prints_the_rule_of_the_test_and_its_label(reviewer: Person) -> None:
    asked = {**REASON, "format": "pdf"}
    sent = reviewer.post("/tables/incidence/by-arm", asked)
    assert "incidence-all-unblinded.pdf" in sent.headers["Content-Disposition"]
    text = " ".join(
        " ".join(page.extract_text().split())
        for page in pypdf.PdfReader(io.BytesIO(sent.data)).pages
    )
    assert RULE in text
    assert "Arms: unblinded" in text
    assert "Fisher's exact" in text
    sent = reviewer.get("/tables/incidence?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(sent.data))
    head, first, *_ = book["Data"].iter_rows(values_only=True)
    assert "Arm A, any grade" not in head
    assert first[0] == "Any event"
    about = dict(book["About"].iter_rows(values_only=True, max_col=2, max_row=10))
    assert about["Arms"] == "blinded"


@pytest.mark.parametrize("name", ["exposure-rates", "first-event", "strata"])
def test_each_table_is_a_file_too_and_each_look_is_kept(
    reviewer: Person, database: Stored, name: str
) -> None:
    for kind in ("csv", "xlsx", "pdf"):
        assert reviewer.get(f"/tables/{name}?format={kind}").status_code == 200
        asked = {**REASON, "format": kind}
        assert reviewer.post(f"/tables/{name}/by-arm", asked).status_code == 200
    targets = [entry["target"] for entry in database["audit"].find({"action": "arm:unblinded"})]
    assert targets == [f"table/{name}/all"] * 3
