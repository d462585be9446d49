"""What a clinician says of an event must fit together; each thing that does not has its pointer."""

import datetime as dt
from dataclasses import dataclass, field, replace

import pytest

from backend.clinical.adjudication import faults_of
from backend.clinical.catalogue import Term

TODAY = dt.date(2026, 3, 4)
TERM = Term("Diarrhea", "10012727", "Gastrointestinal disorders", (1, 2, 3, 4, 5))
COMPONENTS = ("ql1706", "regorafenib")


@dataclass(frozen=True)
class Said:
    """A judgement that fits together."""

    grade: int = 3
    seriousness: tuple[str, ...] = ()
    relations: dict[str, str] = field(default_factory=lambda: dict.fromkeys(COMPONENTS, "RELATED"))
    actions: dict[str, str] = field(default_factory=lambda: dict.fromkeys(COMPONENTS, "UNKNOWN"))
    outcome: str = "UNKNOWN"
    onset: dt.date = dt.date(2026, 3, 2)
    end: dt.date | None = None


def pointers(said: Said, term: Term | None = TERM) -> list[str]:
    found = faults_of(said, term=term, today=TODAY, components=COMPONENTS)
    return [fault.pointer for fault in found]


def test_what_fits_has_no_fault() -> None:
    assert pointers(Said()) == []
    assert pointers(Said(end=TODAY)) == []
    fatal = Said(grade=5, seriousness=("death",), outcome="FATAL")
    assert pointers(fatal) == []


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        (Said(grade=5), "/outcome"),
        (Said(outcome="FATAL"), "/outcome"),
        (Said(seriousness=("death",)), "/outcome"),
        (Said(end=dt.date(2026, 3, 1)), "/end"),
        (Said(onset=TODAY + dt.timedelta(days=1)), "/onset"),
        (Said(end=TODAY + dt.timedelta(days=1)), "/end"),
        (Said(relations={**Said().relations, "aspirin": "RELATED"}), "/relations/aspirin"),
        (Said(relations={"ql1706": "RELATED"}), "/relations/regorafenib"),
        (Said(actions={}), "/actions/ql1706"),
    ],
)
def test_what_does_not_fit_is_named(said: Said, pointer: str) -> None:
    assert pointer in pointers(said)


def test_a_term_must_exist_and_have_the_grade() -> None:
    assert pointers(Said(), None) == ["/term"]
    assert pointers(Said(), replace(TERM, grades=(1, 2))) == ["/grade"]
