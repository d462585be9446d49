"""What a clinician may say of an adverse event: CDISC's words, and what must fit together."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

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
# Investigator to sponsor, from when the site learned of a serious event (ICH E2A; safety rules, 8.1).
REPORT_WITHIN = dt.timedelta(hours=24)
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


class Said(Protocol):
    """What of a judgement must fit together."""

    @property
    def grade(self) -> int:
        """Give the grade, 1 to 5."""

    @property
    def seriousness(self) -> tuple[str, ...]:
        """Give the criteria that hold, of `SERIOUSNESS`."""

    @property
    def relations(self) -> Mapping[str, str]:
        """Give the relation to each component of the treatment."""

    @property
    def actions(self) -> Mapping[str, str]:
        """Give what was done with each component of the treatment."""

    @property
    def outcome(self) -> str:
        """Give one of `OUTCOMES`."""

    @property
    def onset(self) -> dt.date:
        """Give the first day."""

    @property
    def end(self) -> dt.date | None:
        """Give the last day; None where it goes on or nobody knows."""


def faults_of(
    said: Said, *, term: Term | None, today: dt.date, components: Collection[str]
) -> Iterator[Fault]:
    """Say what does not fit in a judgement of `term` (None: the catalogue has no such term).

    Relation and action are said of each of the study's `components`: one that is left out would
    later read like one that was thought of and found innocent.
    """
    if term is None:
        yield Fault("/term", "not a term of CTCAE v4.03")
    elif said.grade not in term.grades:
        yield Fault("/grade", "this term does not have this grade")
    fatal = {said.grade == DEATH_GRADE, said.outcome == FATAL, "death" in said.seriousness}
    if len(fatal) > 1:
        yield Fault("/outcome", "grade 5, outcome FATAL and the criterion death go together")
    if said.end is not None and said.end < said.onset:
        yield Fault("/end", "before the onset")
    for field, day in (("/onset", said.onset), ("/end", said.end)):
        if day is not None and day > today:
            yield Fault(field, "this day has not come yet")
    for field, named in (("relations", said.relations), ("actions", said.actions)):
        for component in sorted(set(named) - set(components)):
            yield Fault(f"/{field}/{component}", "not a component of this study's treatment")
        for component in sorted(set(components) - set(named)):
            yield Fault(f"/{field}/{component}", "say it of each component of the treatment")
