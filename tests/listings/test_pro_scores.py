"""PRO scores: one row per day, symptom and attribute, with the change from before treatment."""

import flask

from tests.listings.trial import gave, listed, paged, picked, wrote
from tests.people import Person, enrolled, staff

NAME = "pro-scores"
FIRST = "5f0c8f0e-95c1-4d5e-9a43-0d7a7f2f3c11"


def pain(frequency: int, severity: int) -> dict[str, object]:
    answers = {"frequency": frequency, "severity": severity}
    return {"symptoms": [{"symptom": "abdominal_pain", **answers}]}


def test_scores_and_their_change(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician)
    gave(clinician, number, "oxaliplatin", "2026-02-20", 220)
    wrote(clinician, number, "2026-02-18", **pain(0, 0))
    # The last diary up to the first dose is the baseline.
    wrote(clinician, number, "2026-02-20", **pain(1, 1))
    wrote(clinician, number, "2026-02-21", submission_id=FIRST, **pain(4, 4))
    amends = {"submission_id": FIRST, "reason": "typed 4, meant 3"}
    wrote(clinician, number, "2026-02-21", amends=amends, **pain(3, 2))
    # A second diary of a day: the worse answer counts.
    wrote(clinician, number, "2026-02-22", **pain(1, 3))
    wrote(clinician, number, "2026-02-22", **pain(2, 1))
    wrote(clinician, number, "2026-02-23", symptoms=[{"symptom": "nausea", "frequency": 2}])
    rows = listed(reviewer, NAME, "?limit=200")
    pains = [row for row in rows if row["symptom"] == "abdominal_pain"]
    assert {row["baseline_day"] for row in pains} == {"2026-02-20"}
    known = [row for row in pains if row["measure"] in ("frequency", "severity")]
    assert picked(known, "day", "measure", "score", "baseline", "change") == [
        ("2026-02-18", "frequency", 0, 1, None),
        ("2026-02-18", "severity", 0, 1, None),
        ("2026-02-20", "frequency", 1, 1, None),
        ("2026-02-20", "severity", 1, 1, None),
        ("2026-02-21", "frequency", 3, 1, 2),
        ("2026-02-21", "severity", 2, 1, 1),
        ("2026-02-22", "frequency", 2, 1, 1),
        ("2026-02-22", "severity", 3, 1, 2),
    ]
    # Nothing was said of nausea before the first dose: no baseline, so no change.
    nausea = [row for row in rows if row["symptom"] == "nausea"]
    assert picked(nausea, "measure", "score", "baseline_day", "baseline", "change") == [
        ("frequency", 2, None, None, None)
    ]
    assert paged(reviewer, NAME, limit=3) == rows


def test_the_composite_is_beside_its_answers(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician)
    gave(clinician, number, "oxaliplatin", "2026-02-20", 220)
    answers = {"frequency": 4, "severity": 4, "interference": 4}
    wrote(clinician, number, "2026-02-21", symptoms=[{"symptom": "abdominal_pain", **answers}])
    composites = listed(reviewer, NAME, "?measure=composite")
    assert picked(composites, "symptom", "score") == [("abdominal_pain", 3)]


def test_a_site_s_reader_sees_its_own(clinician: Person, app: flask.Flask) -> None:
    for site in ("S01", "S02"):
        wrote(clinician, enrolled(clinician, site), "2026-02-21", **pain(1, 1))
    assert {row["site"] for row in paged(staff(app, "nurse", "S02"), NAME)} == {"S02"}
