"""Who is on duty: weekly shifts in a site's own zone, with holidays; pure."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

# A day is one of these; a holiday is no weekday, so that a Monday's shift does not count on it.
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY = "holiday"
DAYS = (*WEEKDAYS, HOLIDAY)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's hours, by the clock on the site's wall.

    `ends` at or before `begins` is on the next day; equal means 24 hours. `since` and `until` are
    the first and last day on which the shift may begin; None: no limit.
    """

    staff_id: str
    role: str
    days: frozenset[str]
    begins: dt.time
    ends: dt.time
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When what can wait does not ring, by the site's wall clock; may go over midnight."""

    begins: dt.time
    ends: dt.time


def on_duty(
    shifts: Iterable[Shift], role: str, *, at: dt.datetime, zone: str, holidays: Collection[dt.date]
) -> tuple[str, ...]:
    """Give the ids of those of a role who are on duty, in the order of the shifts, each once."""
    here = at.astimezone(ZoneInfo(zone))
    on = (
        shift.staff_id for shift in shifts if shift.role == role and _is_on(shift, here, holidays)
    )
    return tuple(dict.fromkeys(on))


def after_quiet_hours(at: dt.datetime, quiet: QuietHours, zone: str) -> dt.datetime:
    """Give the moment itself, or the end of the quiet hours that it falls into, in UTC."""
    here = at.astimezone(ZoneInfo(zone))
    for day in (here.date() - _DAY, here.date()):
        begins, ends = _span(day, quiet.begins, quiet.ends, here.tzinfo)
        if begins <= here < ends:
            return ends.astimezone(dt.UTC)
    return at


def _is_on(shift: Shift, here: dt.datetime, holidays: Collection[dt.date]) -> bool:
    for day in (here.date() - _DAY, here.date()):
        kind = HOLIDAY if day in holidays else WEEKDAYS[day.weekday()]
        early = shift.since is not None and day < shift.since
        late = shift.until is not None and day > shift.until
        if kind not in shift.days or early or late:
            continue
        begins, ends = _span(day, shift.begins, shift.ends, here.tzinfo)
        if begins <= here < ends:
            return True
    return False


def _span(
    day: dt.date, begins: dt.time, ends: dt.time, zone: dt.tzinfo | None
) -> tuple[dt.datetime, dt.datetime]:
    last = day if ends > begins else day + _DAY
    return (
        dt.datetime.combine(day, begins, zone),
        dt.datetime.combine(last, ends, zone),
    )
