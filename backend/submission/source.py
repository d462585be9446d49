"""What the datasets are built from: the subjects, and what every builder asks about them."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from backend.analysis.subjects import AnalysisSubject, analysis_subjects
from backend.clinical.rules import Ruleset
from backend.models.frame import Frame
from backend.models.study import Study

Row = dict[str, Any]
SCREENING, TREATMENT, FOLLOW_UP = "SCREENING", "TREATMENT", "FOLLOW-UP"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a package is built from; `unblinded`: with the arms and what tells them."""

    frame: Frame
    sites: Collection[str] | None
    study: Study
    ruleset: Ruleset
    unblinded: bool
    subjects: Mapping[str, AnalysisSubject]

    @property
    def study_id(self) -> str:
        """Give STUDYID."""
        return self.study.id.upper()

    def usubjid(self, subject: AnalysisSubject) -> str:
        """Give USUBJID."""
        return f"{self.study_id}-{subject.id}"

    def identified(self, domain: str, subject: AnalysisSubject) -> Row:
        """Give the variables that begin every row of an SDTM domain."""
        return {"STUDYID": self.study_id, "DOMAIN": domain, "USUBJID": self.usubjid(subject)}

    def by_subject(
        self, rows: Iterable[Mapping[str, Any]]
    ) -> Iterator[tuple[AnalysisSubject, list[Mapping[str, Any]]]]:
        """Give each subject's rows of a stream that is ordered by subject."""
        for number, own in groupby(rows, key=itemgetter("subject_id")):
            subject = self.subjects.get(number)
            if subject is not None:
                yield subject, list(own)


def source_of(
    frame: Frame,
    sites: Collection[str] | None,
    study: Study,
    ruleset: Ruleset,
    *,
    unblinded: bool,
) -> Source:
    """Read the subjects of some sites (None: all)."""
    found = analysis_subjects(frame, sites, study, ruleset.catalogue)
    subjects = {subject.id: subject for subject in found}
    return Source(frame, sites, study, ruleset, unblinded, subjects)


def study_day(day: dt.date | None, subject: AnalysisSubject) -> int | None:
    """Give the study day: 1 is the day of the first dose, the day before it -1; there is no 0."""
    if day is None or subject.first_dose is None:
        return None
    days = (day - subject.first_dose).days
    return days + 1 if days >= 0 else days


def epoch(day: dt.date, subject: AnalysisSubject) -> str:
    """Give the epoch of a day by the first dose and the last treatment."""
    if subject.first_dose is None or day < subject.first_dose:
        return SCREENING
    ended = subject.milestones.get("last_treatment")
    return FOLLOW_UP if ended is not None and day > ended else TREATMENT


def iso(day: dt.date | None) -> str | None:
    """Give a day as ISO 8601, None where there is none."""
    return None if day is None else day.isoformat()


def yes(holds: bool) -> str | None:  # noqa: FBT001 - a flag that is Y or missing
    """Give Y or nothing, as CDISC's flags are."""
    return "Y" if holds else None
