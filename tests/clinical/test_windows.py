"""When a diary was written and came, in the patient's own zone, daylight saving included."""

import datetime as dt

import pytest

from backend.clinical.windows import entry_marks, is_in_future

UTC = dt.UTC


def marks(
    received: dt.datetime, *, reported: dt.datetime | None = None, sent: dt.datetime | None = None
) -> tuple[str, ...]:
    return entry_marks(
        dt.date(2026, 3, 28),
        "Europe/Berlin",
        reported_at=reported or dt.datetime(2026, 3, 28, 19, tzinfo=UTC),
        sent_at=sent,
        received_at=received,
    )


def test_the_day_is_on_time_until_noon_of_the_next_although_an_hour_is_missing() -> None:
    # 29 March 2026: clocks in Berlin go from 02:00 to 03:00; noon is 10:00 UTC.
    assert marks(dt.datetime(2026, 3, 29, 10, 0, tzinfo=UTC)) == ()
    assert marks(dt.datetime(2026, 3, 29, 10, 1, tzinfo=UTC)) == ("late",)


def test_a_diary_that_waited_offline_is_late_and_one_from_memory_is_backfilled() -> None:
    week_later = dt.datetime(2026, 4, 4, 9, tzinfo=UTC)
    assert marks(week_later) == ("late",)
    assert marks(week_later, reported=week_later) == ("late", "backfilled")


@pytest.mark.parametrize(("minutes", "skewed"), [(5, False), (6, True)])
def test_a_clock_that_is_ahead_is_marked(minutes: int, *, skewed: bool) -> None:
    received = dt.datetime(2026, 3, 28, 20, tzinfo=UTC)
    ahead = received + dt.timedelta(minutes=minutes)
    assert ("clock_skewed" in marks(received, reported=ahead)) is skewed
    assert ("clock_skewed" in marks(received, sent=ahead)) is skewed
    behind = received - dt.timedelta(minutes=minutes)
    assert ("clock_skewed" in marks(received, sent=behind)) is skewed


def test_tomorrow_is_let_in_and_the_day_after_is_not() -> None:
    now = dt.datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    assert not is_in_future(dt.date(2026, 3, 30), "Asia/Shanghai", now)
    assert is_in_future(dt.date(2026, 3, 31), "Asia/Shanghai", now)
    assert is_in_future(dt.date(2026, 3, 30), "America/New_York", now)
