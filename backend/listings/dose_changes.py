"""Dose changes beside the adverse events that led to them, as far as anybody has said so."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from backend.access import Action
from backend.analysis.subjects import by_subject
from backend.files.sheet import DAY, DECIMAL, INTEGER, LIST, MOMENT
from backend.listings.base import Asked, Column, Listing
from backend.listings.by_subject import ARM, SITE, SUBJECT, later, since
from backend.models.adverse_event import stream_adverse_events
from backend.models.exposure import stream_exposures
from backend.models.study import Component
from backend.services.exposure_entry import (
    DELAYED,
    INTERRUPTED,
    OMITTED,
    REDUCED,
    STOPPED,
    WITHDRAWN,
)

Row = Mapping[str, Any]
KEY = ("subject_id", "first", "id")
STATED, SAME_DAYS, NO_LINK = "stated by clinician", "same days", "none"
# The word of CDISC codelist ACN by which a judgement names each change; it has none for a delay or a
# dose left out, which are said as interruptions.
ACTION_OF = {
    REDUCED: "DOSE REDUCED",
    DELAYED: "DRUG INTERRUPTED",
    INTERRUPTED: "DRUG INTERRUPTED",
    OMITTED: "DRUG INTERRUPTED",
    STOPPED: "DRUG WITHDRAWN",
}
_NOT_CHANGED = "DOSE NOT CHANGED"


COLUMNS = (
    SUBJECT,
    SITE,
    ARM,
    Column("component", "Component", "EX.EXTRT", itemgetter("component")),
    Column("change", "Change", "EX.EXADJ", itemgetter("change")),
    Column("first", "First day", "EX.EXSTDTC", itemgetter("first"), DAY),
    Column("last", "Last day", "EX.EXENDTC", lambda row: row.get("last"), DAY),
    Column("cycle", "Cycle", "EX.VISIT", lambda row: row.get("cycle"), INTEGER),
    Column("fraction", "Fraction", "EX.EXSEQ", lambda row: row.get("fraction"), INTEGER),
    Column("planned", "Planned by the protocol", "EC.ECDOSTXT", itemgetter("planned")),
    Column("dose_before", "Dose given before", "derived", itemgetter("dose_before"), DECIMAL),
    Column("dose", "Dose given", "EX.EXDOSE", itemgetter("dose"), DECIMAL),
    Column("unit", "Unit", "EX.EXDOSU", itemgetter("unit")),
    Column("dose_reason", "Reason given", "SUPPEX", lambda row: row.get("reason")),
    Column("link", "Link to an adverse event", "derived", itemgetter("link")),
    Column("events", "Adverse events that led to it", "RELREC", itemgetter("events"), LIST),
    Column("also_present", "Others present on its first day", "derived", itemgetter("also"), LIST),
    Column("event_ids", "Records of these events", "RELREC", itemgetter("event_ids"), LIST),
    Column("record", "Whether the record stands", "local", itemgetter("record")),
    Column("recorded_at", "Recorded at", "local", itemgetter("recorded_at"), MOMENT),
    Column("id", "Record", "EX.EXSPID", itemgetter("id")),
)


def _stream(asked: Asked) -> Iterator[Row]:
    start = since(asked)
    mark = None if start is None else (start, "", "")
    events = by_subject(stream_adverse_events(asked.frame, asked.sites, after=mark))
    doses = stream_exposures(asked.frame, asked.sites, since=start)
    for subject_id, group in groupby(doses, key=itemgetter("subject_id")):
        own = list(group)
        courses = sorted(map(_course, events(subject_id)), key=itemgetter("onset", "term", "id"))
        rows = (
            _row(dose, own, courses, asked.study.components.get(dose["component"]))
            for dose in own
            if dose["change"] in ACTION_OF
        )
        yield from later(asked, KEY, rows)


def _course(event: Row) -> dict[str, Any]:
    """Give of a course what counts: the clinician's word where there is one, else the machine's."""
    judgements = event.get("adjudications")
    judged = judgements[-1] if judgements else {}
    return {
        "id": event["_id"],
        "term": judged.get("term", event["term"]),
        "grade": judged.get("grade", event.get("worst_grade")),
        "whose": "clinician" if judged else "provisional",
        "onset": judged.get("onset", event["onset"]),
        "end": judged.get("end") if judged else event.get("end"),
        "actions": judged.get("actions", {}),
    }


def _row(dose: Row, own: Sequence[Row], courses: Sequence[Row], plan: Component | None) -> Row:
    before = _before(dose, own)
    stated = [course for course in courses if _is_stated(course, dose, before)]
    present = [course for course in courses if _is_present(course, dose) and course not in stated]
    # What was merely there at the time is never called the cause.
    return {
        **dose,
        "id": dose["_id"],
        "planned": None if plan is None else _planned(plan),
        "dose_before": None if before is None else before["dose"].to_decimal(),
        "dose": dose["dose"].to_decimal(),
        "link": STATED if stated else SAME_DAYS if present else NO_LINK,
        "events": [_said(course) for course in stated],
        "also": [_said(course) for course in present],
        "event_ids": [course["id"] for course in (*stated, *present)],
        "record": _record(dose, own),
    }


def _before(dose: Row, own: Sequence[Row]) -> Row | None:
    """Give the last dose of this component above 0 before; records that do not count left out."""
    return next(
        (
            other
            for other in reversed(own)
            if other["component"] == dose["component"]
            and other["first"] < dose["first"]
            and not other["corrected"]
            and other["dose"].to_decimal() > 0
        ),
        None,
    )


def _is_stated(course: Row, dose: Row, before: Row | None) -> bool:
    """Tell whether the judgement names this change of this component, at a time that fits.

    It fits where the course had begun by then and was still there after the dose before: what was
    over by the day of a delayed or reduced dose can have led to it.
    """
    word = course["actions"].get(dose["component"])
    after = dose["first"] if before is None else before["first"]
    fits = course["onset"] <= dose["first"] and (course["end"] is None or course["end"] >= after)
    return bool(course["grade"]) and word == ACTION_OF[dose["change"]] and fits


def _is_present(course: Row, dose: Row) -> bool:
    """Tell whether a course was there on the day, and no clinician said that it changed nothing."""
    there = course["onset"] <= dose["first"] and (
        course["end"] is None or course["end"] >= dose["first"]
    )
    spoken = course["actions"].get(dose["component"]) == _NOT_CHANGED
    return bool(course["grade"]) and there and not spoken


def _said(course: Row) -> str:
    return f"{course['term']}, grade {course['grade']} ({course['whose']}), from {course['onset']}"


def _planned(plan: Component) -> str:
    times = f", {plan.times_per_day} times a day" if plan.times_per_day > 1 else ""
    return f"{_plain(plan.dose)} {plan.unit} per {plan.per}{times}"


def _plain(dose: Decimal) -> str:
    return f"{dose.normalize():f}"


def _record(dose: Row, own: Sequence[Row]) -> str:
    """Say whether a record counts: corrections and withdrawals keep what they replace."""
    if not dose["corrected"]:
        return "stands"
    by = next((other for other in own if other.get("corrects") == dose["_id"]), None)
    return "withdrawn" if by is not None and by["change"] == WITHDRAWN else "corrected"


DOSE_CHANGES = Listing(
    name="dose-changes",
    title="Dose changes and the adverse events that led to them",
    action=Action.EXPOSURE_READ,
    columns=COLUMNS,
    key=KEY,
    stream=_stream,
    population="Doses recorded as reduced, delayed, interrupted, stopped or omitted. An event led to"
    " one where its judgement names that action for that component and the days fit",
)
