"""Dose changes: which event led to one is said only where a clinician said it."""

from tests.listings.conftest import event
from tests.listings.trial import COMPONENTS, gave, listed, paged, picked, wrote
from tests.people import Person, enrolled

NAME = "dose-changes"
WHY = {"reason": "diarrhoea"}


def actions(**said: str) -> dict[str, str]:
    return {**dict.fromkeys(COMPONENTS, "DOSE NOT CHANGED"), **said}


def test_the_clinician_s_action_links_and_what_was_merely_there_does_not(
    clinician: Person, reviewer: Person
) -> None:
    number = enrolled(clinician)
    gave(clinician, number, "oxaliplatin", "2026-02-01", 220)
    change = gave(
        clinician, number, "oxaliplatin", "2026-02-22", 180, cycle=2, change="reduced", **WHY
    )
    # Over before the reduced dose, and named by the judgement: it can have led to it.
    led = event(
        clinician,
        number,
        term="Diarrhea",
        grade=3,
        onset="2026-02-05",
        end="2026-02-12",
        outcome="RECOVERED/RESOLVED",
        actions=actions(oxaliplatin="DOSE REDUCED"),
    )
    # The same word, but over before the dose that was given in full.
    event(
        clinician,
        number,
        term="Colitis",
        grade=2,
        onset="2026-01-20",
        end="2026-01-25",
        outcome="RECOVERED/RESOLVED",
        actions=actions(oxaliplatin="DOSE REDUCED"),
    )
    # There on the day; the clinician says another thing was done, of this drug nothing is known.
    there = event(
        clinician,
        number,
        term="Nausea",
        grade=1,
        onset="2026-02-20",
        actions=actions(oxaliplatin="UNKNOWN"),
    )
    # There on the day, and said to have changed nothing.
    event(clinician, number, term="Fatigue", grade=1, onset="2026-02-20", actions=actions())
    (row,) = listed(reviewer, NAME)
    assert (row["id"], row["component"], row["change"]) == (change, "oxaliplatin", "reduced")
    assert (row["dose_before"], row["dose"], row["unit"]) == (220, 180, "mg")
    assert row["planned"] == "130 mg per m2"
    assert (row["dose_reason"], row["record"]) == ("diarrhoea", "stands")
    assert row["link"] == "stated by clinician"
    assert row["events"] == ["Diarrhea, grade 3 (clinician), from 2026-02-05"]
    assert row["also_present"] == ["Nausea, grade 1 (clinician), from 2026-02-20"]
    assert row["event_ids"] == [led, there]


def test_without_a_judgement_there_are_only_the_same_days(
    clinician: Person, reviewer: Person
) -> None:
    number = enrolled(clinician)
    gave(clinician, number, "capecitabine", "2026-02-20", 3400)
    gave(clinician, number, "capecitabine", "2026-03-02", 0, change="interrupted", **WHY)
    gave(clinician, number, "ql1706", "2026-02-26", 0, change="omitted", **WHY)
    wrote(clinician, number, "2026-03-02", observations={"stools_per_day": 10})
    assert picked(paged(reviewer, NAME), "component", "link", "events", "dose_before") == [
        ("ql1706", "none", [], None),
        ("capecitabine", "same days", [], 3400),
    ]
    row = listed(reviewer, NAME, "?component=capecitabine")[0]
    assert "Diarrhea, grade 3 (provisional), from 2026-03-02" in row["also_present"]
    assert row["planned"] == "1000 mg per m2, 2 times a day"


def test_corrected_and_withdrawn_records_stay_and_are_marked(
    clinician: Person, reviewer: Person
) -> None:
    number = enrolled(clinician)
    wrong = gave(clinician, number, "oxaliplatin", "2026-02-22", 180, change="reduced", **WHY)
    right = gave(
        clinician, number, "oxaliplatin", "2026-02-23", 170, change="reduced", corrects=wrong, **WHY
    )
    slip = gave(clinician, number, "ql1706", "2026-02-24", 0, change="stopped", **WHY)
    gave(clinician, number, "ql1706", "2026-02-24", 0, change="withdrawn", corrects=slip, **WHY)
    # Given in full: no change.
    gave(clinician, number, "ql1706", "2026-02-25", 325)
    assert picked(listed(reviewer, NAME), "id", "record", "dose") == [
        (wrong, "corrected", 180),
        (right, "stands", 170),
        (slip, "withdrawn", 0),
    ]
