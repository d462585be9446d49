"""Analysis records: each subject with what counts of their doses and adverse events, in one pass.

The one place that says who is in the safety population, what is treatment-emergent and whose grade
counts; tables, pictures and submission files read these records and decide none of it again.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from backend.clinical.adjudication import DEATH_GRADE
from backend.clinical.catalogue import Term
from backend.clinical.exposure import ORAL
from backend.models.adverse_event import stream_adverse_events
from backend.models.exposure import stream_exposures
from backend.models.frame import Frame
from backend.models.study import Study
from backend.models.subject import stream_subjects
from backend.services.exposure_entry import INTERRUPTED, OMITTED, STOPPED, WITHDRAWN

Stored = Mapping[str, Any]
_NOT_TAKEN = (OMITTED, STOPPED, INTERRUPTED)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DoseTaken:
    """One infusion, fraction or run of days by mouth that was given; corrected records are left out.

    `dose` is in `unit`, of one infusion or fraction or per day by mouth; `last` None: still taken.
    """

    id: str
    component: str
    first: dt.date
    last: dt.date | None
    dose: Decimal
    unit: str
    change: str
    cycle: int | None
    fraction: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Course:
    """One course of an adverse event with the grade that counts: the clinician's where judged.

    `grade` 0: a clinician judged that there was none. `provisional` is the machine's; None: it saw
    none. `serious`, `immune_related` and `special_interest` are None before anybody judged.
    `emergent`: it began on treatment or within the window after its end.
    """

    id: str
    term: str
    soc: str
    meddra_code: str
    grade: int
    provisional: int | None
    judged: bool
    onset: dt.date
    end: dt.date | None
    serious: bool | None
    immune_related: bool | None
    special_interest: bool | None
    seriousness: tuple[str, ...]
    relations: Mapping[str, str]
    actions: Mapping[str, str]
    outcome: str | None
    flags: tuple[str, ...]
    causes: tuple[str, ...]
    emergent: bool


@dataclass(frozen=True, slots=True)
class AnalysisSubject:
    """One enrolled subject; `first_dose` None: not treated, so not in the safety population.

    `window_end` is the last day on which an event is still treatment-emergent; None: no last
    treatment is recorded. `followed_until`, the last day at risk: the earliest of the window's end,
    the end of the study, death (an event of grade 5) and what is known so far. `sex` None: not recorded.
    """

    id: str
    site: str
    arm: str
    mrf: str
    sex: str | None
    zone: str
    enrolled_on: dt.date
    milestones: Mapping[str, dt.date]
    doses: tuple[DoseTaken, ...]
    courses: tuple[Course, ...]
    first_dose: dt.date | None
    last_dose: dt.date | None
    window_end: dt.date | None
    died_on: dt.date | None
    followed_until: dt.date

    @property
    def treated(self) -> bool:
        """Tell whether the subject had a dose: the safety population."""
        return self.first_dose is not None

    @property
    def emergent(self) -> tuple[Course, ...]:
        """Give the treatment-emergent courses that are adverse events (grade 1 or more)."""
        return tuple(course for course in self.courses if course.emergent and course.grade)


def analysis_subjects(
    frame: Frame,
    sites: Collection[str] | None,
    study: Study,
    catalogue: Mapping[str, Term],
    *,
    only: str | None = None,
) -> Iterator[AnalysisSubject]:
    """Give every enrolled subject of `sites` (None: all) by number, in one pass over three streams.

    `only`: one of them by its number. They carry the arm: whoever shows it has asked leave (`backend.services.unblinding`).
    """
    doses = by_subject(stream_exposures(frame, sites, subject=only))
    courses = by_subject(stream_adverse_events(frame, sites, subject=only))
    for stored in stream_subjects(frame, sites, subject=only):
        number = stored["_id"]
        yield _subject(stored, doses(number), courses(number), frame, study, catalogue)


def by_subject(rows: Iterable[Stored]) -> Any:  # noqa: ANN401 - a function from number to rows
    """Give a function that takes subjects in their order and gives each one's rows."""
    groups = groupby(rows, key=itemgetter("subject_id"))
    ahead: list[tuple[str, list[Stored]]] = []

    def rows_of(number: str) -> list[Stored]:
        while True:
            if not ahead:
                found = next(groups, None)
                if found is None:
                    return []
                ahead.append((found[0], list(found[1])))
            known, own = ahead[0]
            if known > number:
                return []
            ahead.clear()
            if known == number:
                return own

    return rows_of


def _subject(
    stored: Stored,
    doses: list[Stored],
    courses: list[Stored],
    frame: Frame,
    study: Study,
    catalogue: Mapping[str, Term],
) -> AnalysisSubject:
    milestones = {
        milestone["kind"]: dt.date.fromisoformat(milestone["on"])
        for milestone in stored["milestones"]
    }
    taken = doses_taken(doses)
    first = min((dose.first for dose in taken), default=None)
    known = frame.as_of
    last = max((min(dose.last or known, known) for dose in taken), default=None)
    ended = milestones.get("last_treatment")
    window_end = None if ended is None else ended + dt.timedelta(days=study.safety_window_days)
    counted = tuple(_course(course, first, window_end, catalogue) for course in courses)
    died = [course.end or course.onset for course in counted if course.grade == DEATH_GRADE]
    ends = [day for day in (window_end, milestones.get("off_study"), known, *died) if day]
    sex = stored["baseline"].get("sex")
    return AnalysisSubject(
        id=stored["_id"],
        site=stored["site"],
        arm=stored["arm"],
        mrf=stored["mrf"],
        sex=sex if isinstance(sex, str) else None,
        zone=stored["zone"],
        enrolled_on=stored["enrolled_at"].date(),
        milestones=milestones,
        doses=taken,
        courses=counted,
        first_dose=first,
        last_dose=last,
        window_end=window_end,
        died_on=min(died, default=None),
        followed_until=min(ends),
    )


def doses_taken(stored: Iterable[Stored]) -> tuple[DoseTaken, ...]:
    """Give what one subject was given or took, by day, of that subject's stored dose records.

    Corrected and withdrawn records do not count. A run of days by mouth ends where it says, where the
    next run begins, and is cut by the days on which the drug was left out.
    """
    counted = [dose for dose in stored if not dose["corrected"] and dose["change"] != WITHDRAWN]
    found = []
    for dose in counted:
        oral = dose["component"] in ORAL
        if dose["change"] in (OMITTED, STOPPED) or (oral and dose["change"] == INTERRUPTED):
            continue
        own = [other for other in counted if other["component"] == dose["component"]]
        # An infusion or fraction is over on its day; only by mouth a record can be open.
        runs = _runs(dose, own) if oral else [(_day(dose["first"]), _day(dose["first"]))]
        found += [_dose(dose, first, last) for first, last in runs]
    return tuple(sorted(found, key=lambda dose: (dose.first, dose.component, dose.id)))


def _runs(dose: Stored, own: list[Stored]) -> list[tuple[dt.date, dt.date | None]]:
    """Give the days of a record by mouth without those on which the drug was paused or stopped."""
    first, last = _day(dose["first"]), _last(dose, own)
    runs: list[tuple[dt.date, dt.date | None]] = []
    for pause in (other for other in own if other["change"] in (OMITTED, STOPPED, INTERRUPTED)):
        begins, ends = _day(pause["first"]), _last(pause, own)
        if (last is not None and begins > last) or (ends is not None and ends < first):
            continue
        if begins > first:
            runs.append((first, begins - _DAY))
        if ends is None:
            return runs
        first = max(first, ends + _DAY)
    return runs if last is not None and first > last else [*runs, (first, last)]


def _last(record: Stored, own: list[Stored]) -> dt.date | None:
    """Give the last day of a record by mouth: the stated one, or the one before the next run."""
    again = [
        _day(other["first"]) - _DAY
        for other in own
        if other["first"] > record["first"] and other["change"] not in _NOT_TAKEN
    ]
    stated = [] if record.get("last") is None else [_day(record["last"])]
    return min([*stated, *again], default=None)


def _dose(stored: Stored, first: dt.date, last: dt.date | None) -> DoseTaken:
    return DoseTaken(
        id=stored["_id"],
        component=stored["component"],
        first=first,
        last=last,
        dose=stored["dose"].to_decimal(),
        unit=stored["unit"],
        change=stored["change"],
        cycle=stored.get("cycle"),
        fraction=stored.get("fraction"),
        reason=stored.get("reason"),
    )


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _course(
    stored: Stored,
    first: dt.date | None,
    window_end: dt.date | None,
    catalogue: Mapping[str, Term],
) -> Course:
    judged = stored["adjudications"][-1] if stored.get("adjudications") else None
    said = judged or {}
    onset = _day(said.get("onset") or stored["onset"])
    end = said.get("end") if judged else stored.get("end")
    term = catalogue[said["term"] if judged else stored["term"]]
    emergent = first is not None and onset >= first and (window_end is None or onset <= window_end)
    return Course(
        id=stored["_id"],
        term=term.name,
        # The clinician may have judged it to be a term of another system organ class.
        soc=term.soc,
        meddra_code=term.meddra_code,
        grade=said["grade"] if judged else stored["worst_grade"],
        provisional=stored.get("worst_grade"),
        judged=judged is not None,
        onset=onset,
        end=None if end is None else _day(end),
        serious=bool(judged["seriousness"]) if judged else None,
        immune_related=judged["immune_related"] if judged else None,
        special_interest=judged["special_interest"] if judged else None,
        seriousness=tuple(said.get("seriousness", ())),
        relations=said.get("relations", {}),
        actions=said.get("actions", {}),
        outcome=said.get("outcome"),
        flags=tuple(stored["flags"]),
        causes=tuple(stored["causes"]),
        emergent=emergent,
    )
