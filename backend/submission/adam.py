"""ADaM ADSL and ADAE, with the flags of occurrence (OCCDS 1.1)."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from backend.analysis.subjects import Course
from backend.submission.events import numbered, one_word
from backend.submission.source import Row, Source, study_day, yes

# Causality of at least one component in these words counts as related.
_RELATED = ("POSSIBLY RELATED", "RELATED")
IMMUNE_RELATED, SPECIAL_INTEREST = "IMMUNE-RELATED", "OF SPECIAL INTEREST"
Key = Callable[[Course], Any]


def subject_level(source: Source) -> Iterator[Row]:
    """Give ADSL."""
    arms = tuple(source.study.arms)
    for subject in source.subjects.values():
        title = source.study.arms[subject.arm].title if source.unblinded else None
        first, last = subject.first_dose, subject.last_dose
        yield {
            "STUDYID": source.study_id,
            "USUBJID": source.usubjid(subject),
            "SUBJID": subject.id,
            "SITEID": subject.site,
            "SEX": {"male": "M", "female": "F"}.get(subject.sex or "", "U"),
            "STRAT1": subject.mrf.upper(),
            "ARM": title,
            "TRT01P": title,
            "TRT01PN": arms.index(subject.arm) + 1 if source.unblinded else None,
            "TRT01A": title if subject.treated else None,
            "SAFFL": "Y" if subject.treated else "N",
            "TRTSDT": first,
            "TRTEDT": last,
            "TRTDURD": (last - first).days + 1 if first and last else None,
            "DTHFL": yes(subject.died_on is not None),
            "DTHDT": subject.died_on,
            "EOSDT": subject.followed_until,
        }


def adverse_events(source: Source) -> Iterator[Row]:
    """Give ADAE: the grade of the analysis is the clinician's where judged, else the machine's."""
    arms = tuple(source.study.arms)
    for subject in source.subjects.values():
        courses = list(numbered(subject))
        flags = _flags([course for _, course in courses])
        title = source.study.arms[subject.arm].title if source.unblinded else None
        for number, course in courses:
            ended = subject.window_end is not None and course.onset > subject.window_end
            before = subject.first_dose is None or course.onset < subject.first_dose
            yield {
                "STUDYID": source.study_id,
                "USUBJID": source.usubjid(subject),
                "AESEQ": number,
                "SITEID": subject.site,
                "STRAT1": subject.mrf.upper(),
                "TRTA": title if subject.treated else None,
                "TRTAN": arms.index(subject.arm) + 1 if title and subject.treated else None,
                "SAFFL": "Y" if subject.treated else "N",
                "TRTSDT": subject.first_dose,
                "TRTEDT": subject.last_dose,
                "AETERM": course.term.upper(),
                "AEDECOD": course.term,
                "AEPTCD": int(course.meddra_code),
                "AEBODSYS": course.soc,
                "ASTDT": course.onset,
                "AENDT": course.end,
                "ASTDY": study_day(course.onset, subject),
                "AENDY": study_day(course.end, subject),
                "ADURN": _duration(course.onset, course.end),
                "ADURU": "DAYS" if course.end else None,
                "AESER": None if course.serious is None else "Y" if course.serious else "N",
                "AEREL": one_word(course.relations),
                "AREL": _related(course),
                "AETOXGR": str(course.grade) if course.judged else None,
                "AETOXGRN": course.grade if course.judged else None,
                "ATOXGR": str(course.grade),
                "ATOXGRN": course.grade,
                "ATOXGRSC": "CLINICIAN" if course.judged else "PROVISIONAL",
                "TRTEMFL": yes(course.emergent),
                "PREFL": yes(before),
                "FUPFL": yes(ended),
                **{name: yes(course.id in first) for name, first in flags.items()},
                "CQ01NAM": IMMUNE_RELATED if course.immune_related else None,
                "CQ02NAM": SPECIAL_INTEREST if course.special_interest else None,
            }


def _flags(courses: list[Course]) -> dict[str, set[str]]:
    """Give by flag the records that have it: the first treatment-emergent one of each kind.

    `courses` are in the order of their sequence numbers, which is that of their onset.
    """
    emergent = [course for course in courses if course.emergent]
    worst_first = sorted(emergent, key=lambda course: -course.grade)
    kinds: dict[str, Key] = {
        "": lambda _: None,
        "S": lambda course: course.soc,
        "P": lambda course: course.term,
    }
    found = {}
    for letter, kind in kinds.items():
        found[f"AOCC{letter}FL"] = _first_of_each(emergent, kind)
        found[f"AOCC{letter}IFL"] = _first_of_each(worst_first, kind)
    return found


def _first_of_each(courses: list[Course], kind: Key) -> set[str]:
    first: dict[Any, str] = {}
    for course in courses:
        first.setdefault(kind(course), course.id)
    return set(first.values())


def _related(course: Course) -> str | None:
    if not course.relations:
        return None
    related = any(word in _RELATED for word in course.relations.values())
    return "RELATED" if related else "NOT RELATED"


def _duration(onset: dt.date, end: dt.date | None) -> int | None:
    return None if end is None else (end - onset).days + 1
