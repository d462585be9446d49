"""Flags by component: one row for each flag and candidate cause, of what counts now."""

from typing import Any

from pymongo.database import Database

from tests.listings.trial import listed, paged, picked, wrote
from tests.people import Person, dosed, enrolled

NAME = "drug-toxicity-flags"
FIRST = "5f0c8f0e-95c1-4d5e-9a43-0d7a7f2f3c11"
BAD = {
    "symptoms": [{"symptom": "abdominal_pain", "frequency": 3, "severity": 3}],
    "observations": {"stools_per_day": 10},
}


def test_each_flag_has_its_candidates_in_their_order(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician)
    dosed(clinician, number, "2026-02-20")
    receipt = wrote(clinician, number, "2026-03-02", **BAD)
    told = clinician.get(f"/diaries/{receipt['diary_id']}/assessment").get_json()
    expected = {
        (flag["id"], rank, cause["component"], tuple(cause["supports"]), tuple(cause["opposes"]))
        for flag in told["flags"]
        for rank, cause in enumerate(flag["causes"], start=1)
    }
    rows = listed(reviewer, NAME, "?limit=200")
    found = {
        (flag, rank, component, tuple(supports), tuple(opposes))
        for flag, rank, component, supports, opposes in picked(
            rows, "flag", "rank", "component", "supports", "opposes"
        )
    }
    assert "DIARRHOEA" in {row["flag"] for row in rows}
    assert {"ql1706", "capecitabine"} <= {row["component"] for row in rows}
    assert found == expected
    assert len(rows) == len(expected)
    first = rows[0]
    # Dosed on 20 February: 2 March is the eleventh day of the cycle.
    assert (first["cycle"], first["cycle_day"], first["source"]) == (1, 11, "diary")
    assert first["day"] == "2026-03-02"
    assert all(row["rule"] and row["rule_version"] and row["why"] for row in rows)
    by_drug = listed(reviewer, NAME, "?component=capecitabine")
    assert {row["component"] for row in by_drug} == {"capecitabine"}
    assert paged(reviewer, NAME, limit=2) == rows


def test_flags_of_a_replaced_diary_are_left_out(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician)
    dosed(clinician, number, "2026-02-20")
    wrote(clinician, number, "2026-03-02", submission_id=FIRST, **BAD)
    assert listed(reviewer, NAME)
    wrote(
        clinician,
        number,
        "2026-03-02",
        observations={"stools_per_day": 2},
        amends={"submission_id": FIRST, "reason": "typed 10, meant 2"},
    )
    assert listed(reviewer, NAME) == []


def test_an_untreated_subject_has_no_drug_as_candidate(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician)
    wrote(clinician, number, "2026-03-02", **BAD)
    rows = listed(reviewer, NAME)
    assert rows
    assert {row["component"] for row in rows} <= {None, "disease", "other"}
    assert {row["cycle"] for row in rows} == {None}


def test_that_no_diary_came_is_nothing_that_a_drug_did(
    clinician: Person, reviewer: Person, database: Database[dict[str, Any]]
) -> None:
    number = enrolled(clinician)
    dosed(clinician, number, "2026-02-20")
    wrote(clinician, number, "2026-03-02", **BAD)
    assert listed(reviewer, NAME)
    database["assessments"].update_many({}, {"$set": {"source_kind": "silence"}})
    assert listed(reviewer, NAME) == []
