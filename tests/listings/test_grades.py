"""Every course with the machine's grade and the clinician's, and in words how they agree."""

from tests.listings.conftest import event
from tests.listings.trial import judge, listed, paged, picked, wrote
from tests.people import Person, dosed, enrolled

NAME = "provisional-and-adjudicated-grades"


def test_a_course_is_not_judged_then_agreed_or_not(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician)
    dosed(clinician, number, "2026-02-20")
    # Two at baseline: ten are eight more, grade 3.
    wrote(clinician, number, "2026-03-02", observations={"stools_per_day": 10})
    (row,) = listed(reviewer, NAME, "?term=Diarrhea")
    assert (row["agreement"], row["grade"], row["judged_grade"]) == ("not judged yet", 3, None)
    judge(clinician, row, grade=2)
    (row,) = listed(reviewer, NAME, "?term=Diarrhea")
    assert (row["agreement"], row["grade"], row["judged_grade"]) == ("clinician lower", 3, 2)
    judge(clinician, row, grade=3)
    (row,) = listed(reviewer, NAME, "?term=Diarrhea")
    assert (row["agreement"], row["judged_grade"], row["judgements"]) == ("agreed", 3, 2)
    # The listing of disagreements has it no more.
    assert listed(reviewer, "grade-disagreements", "?term=Diarrhea") == []


def test_what_the_machine_never_saw_is_said(clinician: Person, reviewer: Person) -> None:
    number = enrolled(clinician)
    event(clinician, number, term="Nausea", grade=1, onset="2026-02-20")
    event(clinician, number, term="Colitis", grade=3, onset="2026-02-10")
    rows = paged(reviewer, NAME)
    assert picked(rows, "judged_term", "agreement", "grade") == [
        ("Colitis", "not seen by the machine", None),
        ("Nausea", "not seen by the machine", None),
    ]
