"""The part of a study file that says how long what is not the trial's record is kept."""

import datetime as dt

from backend.clinical.document import Table
from backend.models.study import RetentionPlan

# Regulation (EU) 536/2014, article 58: the master file's content, after the trial's end.
LEAST_YEARS = 25


def read_retention(table: Table) -> RetentionPlan:
    """Read `[retention]`.

    Raises:
        RuleError: an unknown or missing key, a time that is none, a record kept too short, or an end of
            the trial that is no day.
    """
    photos = "photos_months_after_end"
    plan = RetentionPlan(
        records_years=_whole(table, "records_years", LEAST_YEARS),
        sign_ins=dt.timedelta(days=_whole(table, "sign_ins_days", 1)),
        contacts=dt.timedelta(days=_whole(table, "contacts_days_after_off_study", 1)),
        push_addresses=dt.timedelta(days=_whole(table, "push_addresses_days_after_off_study", 0)),
        photos_months=_whole(table, photos, 1) if photos in table else None,
        ended=_day(table, "ended") if "ended" in table else None,
    )
    table.done()
    return plan


def _whole(table: Table, key: str, least: int) -> int:
    number = table.number(key)
    if number is None or number < least or number != number.to_integral_value():
        table.refuse(key, f"a whole number, {least} or more")
    return int(number)


def _day(table: Table, key: str) -> dt.date:
    value = table.raw(key)
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        table.refuse(key, "a day such as 2030-06-30, without quotes")
    return value
