"""Diary windows in the patient's zone: what is on time, late, from memory, or from a wrong clock."""

import datetime as dt
from zoneinfo import ZoneInfo

# A phone's clock may run this far off before the entry is marked.
CLOCK_TOLERANCE = dt.timedelta(minutes=5)
# A day's diary is on time until noon of the day after, in the patient's zone (P).
ON_TIME_UNTIL = dt.time(12)
# Written down later than two days after the day: from memory (P).
FROM_MEMORY_AFTER_DAYS = 2

LATE, BACKFILLED, CLOCK_SKEWED, AMENDED, SECOND, BY_STAFF = (
    "late",
    "backfilled",
    "clock_skewed",
    "amended",
    "second_of_day",
    "entered_by_staff",
)


def is_in_future(day: dt.date, zone: str, now: dt.datetime) -> bool:
    """Tell whether the day has not begun for the patient.

    One day of grace: a skewed clock or a journey across the date line must not cost a diary.
    """
    return day > now.astimezone(ZoneInfo(zone)).date() + dt.timedelta(days=1)


def entry_marks(
    day: dt.date,
    zone: str,
    *,
    reported_at: dt.datetime,
    sent_at: dt.datetime | None,
    received_at: dt.datetime,
) -> tuple[str, ...]:
    """Say what is unusual about when a diary was written and when it came; nothing is re-dated."""
    local = ZoneInfo(zone)
    closes = dt.datetime.combine(day + dt.timedelta(days=1), ON_TIME_UNTIL, tzinfo=local)
    marks = []
    if received_at > closes:
        marks.append(LATE)
    if (reported_at.astimezone(local).date() - day).days > FROM_MEMORY_AFTER_DAYS:
        marks.append(BACKFILLED)
    ahead = reported_at - received_at > CLOCK_TOLERANCE
    if ahead or (sent_at is not None and abs(sent_at - received_at) > CLOCK_TOLERANCE):
        marks.append(CLOCK_SKEWED)
    return tuple(marks)
