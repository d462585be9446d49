"""What a clinician may say of an adverse event: CDISC's words, and what must fit together."""

import datetime as dt
from collections.abc import Iterator, Mapping

from backend.clinical.catalogue import Term
from backend.errors import Fault

# The six criteria of ICH E2A (II.B): any one makes an event serious.
SERIOUSNESS = (
    "death",
    "life_threatening",
    "hospitalisation",
    "disability",
    "congenital_anomaly",
    "medically_important",
)
# AEREL is the sponsor's own list; these four are the common one (safety rules, 8.2).
RELATIONS = ("NOT RELATED", "UNLIKELY RELATED", "POSSIBLY RELATED", "RELATED")
# CDISC codelist ACN.
ACTIONS = (
    "DOSE INCREASED",
    "DOSE NOT CHANGED",
    "DOSE RATE REDUCED",
    "DOSE REDUCED",
    "DRUG INTERRUPTED",
    "DRUG WITHDRAWN",
    "NOT APPLICABLE",
    "UNKNOWN",
)
FATAL = "FATAL"
# CDISC codelist OUT.
OUTCOMES = (
    FATAL,
    "NOT RECOVERED/NOT RESOLVED",
    "RECOVERED/RESOLVED",
    "RECOVERED/RESOLVED WITH SEQUELAE",
    "RECOVERING/RESOLVING",
    "UNKNOWN",
)
DEATH_GRADE = 5


def faults_of(
    *,
    term: Term | None,
    grade: int,
    seriousness: tuple[str, ...],
    outcome: str,
    onset: dt.date,
    end: dt.date | None,
    today: dt.date,
    components: Mapping[str, tuple[str, ...]],
) -> Iterator[Fault]:
    """Say what does not fit: `components` maps a field to the treatment components it names."""
    if term is None:
        yield Fault("/term", "not a term of CTCAE v4.03")
    elif grade not in term.grades:
        yield Fault("/grade", "this term does not have this grade")
    fatal = {grade == DEATH_GRADE, outcome == FATAL, "death" in seriousness}
    if len(fatal) > 1:
        yield Fault("/outcome", "grade 5, outcome FATAL and the criterion death go together")
    if end is not None and end < onset:
        yield Fault("/end", "before the onset")
    for field, day in (("/onset", onset), ("/end", end)):
        if day is not None and day > today:
            yield Fault(field, "this day has not come yet")
    for field, unknown in components.items():
        for component in unknown:
            yield Fault(f"/{field}/{component}", "not a component of this study's treatment")
