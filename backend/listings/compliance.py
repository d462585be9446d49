"""Diary compliance: expected, done, late and missed, by subject and phase."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from backend.access import Action
from backend.clinical.diaryplan import DONE, DONE_LATE, EXCUSED, MISSED, OPEN
from backend.files.sheet import DAY, DECIMAL, INTEGER
from backend.listings.base import Asked, Column, Listing
from backend.listings.by_subject import later, since
from backend.models.window import count_windows

Row = Mapping[str, Any]
KEY = ("subject_id", "phase")


def _count(*states: str) -> Any:  # noqa: ANN401 - a column's function
    return lambda row: sum(row["states"][state] for state in states)


def _percent(row: Row) -> float | None:
    """Give done, late or not, of what was expected and is over; None where nothing is over yet."""
    done = row["states"][DONE] + row["states"][DONE_LATE]
    over = done + row["states"][MISSED]
    return round(100 * done / over, 1) if over else None


COLUMNS = (
    Column("subject_id", "Subject", "QS.USUBJID", lambda row: row["subject_id"]),
    Column("site", "Site", "DM.SITEID", lambda row: row["site"]),
    Column("arm", "Arm", "DM.ARMCD", lambda row: row["arm"], unblinding=True),
    Column("phase", "Phase", "QS.EPOCH", lambda row: row["phase"]),
    Column("first_day", "First day expected", "QS.QSDTC", lambda row: row["first_day"], DAY),
    Column("last_day", "Last day expected", "QS.QSDTC", lambda row: row["last_day"], DAY),
    Column(
        "expected",
        "Expected, excused ones apart",
        "derived",
        _count(*OPEN, MISSED, DONE, DONE_LATE),
        INTEGER,
    ),
    Column("done", "Done on the day", "derived", _count(DONE), INTEGER),
    Column("done_late", "Done later", "derived", _count(DONE_LATE), INTEGER),
    Column("missed", "Missed", "derived", _count(MISSED), INTEGER),
    Column("open", "Still open", "derived", _count(*OPEN), INTEGER),
    Column("excused", "Excused", "derived", _count(EXCUSED), INTEGER),
    Column("percent_done", "Done of those that are over, %", "derived", _percent, DECIMAL),
)


def _stream(asked: Asked) -> Iterator[Row]:
    counted = count_windows(asked.frame, asked.sites, since=since(asked))
    for subject_id, own in groupby(counted, key=itemgetter("subject_id")):
        phases: dict[str, list[Row]] = {}
        for count in own:
            phases.setdefault(count["phase"], []).append(count)
        rows = (
            {
                "subject_id": subject_id,
                "site": found[0]["site"],
                "phase": phase,
                "first_day": min(count["first_day"] for count in found),
                "last_day": max(count["last_day"] for count in found),
                "states": Counter({count["state"]: count["windows"] for count in found}),
            }
            for phase, found in phases.items()
        )
        yield from later(asked, KEY, rows)


DIARY_COMPLIANCE = Listing(
    name="diary-compliance",
    title="Diaries expected, done, late and missed",
    action=Action.ASSESSMENT_READ,
    columns=COLUMNS,
    key=KEY,
    stream=_stream,
)
