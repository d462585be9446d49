"""Expected diaries one by one: when each was due, and whether and when it came."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from backend.access import Action
from backend.clinical.diaryplan import DONE, DONE_LATE, EXCUSED, LATE, REMINDED
from backend.files.sheet import DAY, DECIMAL, INTEGER, MOMENT
from backend.listings.base import Asked, Column, Listing
from backend.listings.by_subject import ARM, SITE, SUBJECT, since
from backend.models.window import stream_windows

Row = Mapping[str, Any]
_HOUR = 3600


def _when(row: Row, *states: str) -> dt.datetime | None:
    """Give when one of some states began, the newest one; None: it never did."""
    return next((step["at"] for step in reversed(row["steps"]) if step["state"] in states), None)


def _hours_late(row: Row) -> float | None:
    """Give hours from the end of the day until the diary came, or until now while it may come.

    None: it came on its day, or is not due yet, or will not be waited for (missed, excused).
    """
    until = {DONE_LATE: _when(row, DONE_LATE), LATE: row["now"]}.get(row["state"])
    return None if until is None else round((until - row["due_at"]).total_seconds() / _HOUR, 1)


def _excuse(row: Row) -> str | None:
    return next((step.get("reason") for step in row["steps"] if step["state"] == EXCUSED), None)


COLUMNS = (
    SUBJECT,
    SITE,
    ARM,
    Column("day", "Day expected", "QS.QSDTC", lambda row: row["day"], DAY),
    Column("phase", "Phase", "QS.EPOCH", lambda row: row["phase"]),
    Column("state", "State", "QS.QSSTAT", lambda row: row["state"]),
    Column("since", "In this state since", "local", lambda row: _when(row, row["state"]), MOMENT),
    Column("opens_at", "Opened", "local", lambda row: row["opens_at"], MOMENT),
    Column("due_at", "Due by", "local", lambda row: row["due_at"], MOMENT),
    Column("closes_at", "Missed after", "local", lambda row: row["closes_at"], MOMENT),
    Column("done_at", "Came", "local", lambda row: _when(row, DONE, DONE_LATE), MOMENT),
    Column("hours_late", "Hours late", "derived", _hours_late, DECIMAL),
    Column(
        "reminders",
        "Times reminded",
        "local",
        lambda row: sum(step["state"] == REMINDED for step in row["steps"]),
        INTEGER,
    ),
    Column("excuse", "Why excused", "QS.QSREASND", _excuse),
    Column("diary_id", "Diary", "local", lambda row: row.get("diary_id")),
)


def _stream(asked: Asked) -> Iterator[Row]:
    for window in stream_windows(asked.frame, asked.sites, since=since(asked)):
        if asked.after is None or (window["subject_id"], window["day"]) > asked.after:
            yield {**window, "now": asked.now}


DIARY_WINDOWS = Listing(
    name="diary-windows",
    title="Expected diaries: due, late, missed, done and excused, by window",
    action=Action.ASSESSMENT_READ,
    columns=COLUMNS,
    key=("subject_id", "day"),
    stream=_stream,
    population="Every diary that the study's plan expected, one row per subject and day",
)
