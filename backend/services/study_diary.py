"""The part of a study file that says which diaries are expected: phases, symptoms, reminders."""

import datetime as dt
from collections.abc import Collection

from backend.clinical.diaryplan import PHASES, Extra, Phase, Plan
from backend.clinical.document import Table
from backend.clinical.exposure import COMPONENTS
from backend.clinical.rules import Ruleset
from backend.models.study import DiaryPlan
from backend.services.study_alerts import read_time


def read_diary_plan(
    table: Table,
    ruleset: Ruleset,
    *,
    cycle_days: int,
    safety_window_days: int,
    arms: Collection[str],
) -> DiaryPlan:
    """Read `[diary]`.

    Raises:
        RuleError: an unknown key, symptom, vital sign, phase, arm or component; a symptom asked both
            daily and weekly; a phase without a table.
    """
    daily = _symptoms(table, "daily", ruleset)
    weekly = _symptoms(table, "weekly", ruleset)
    if twice := set(daily) & set(weekly):
        table.refuse("weekly", f"without the daily {', '.join(sorted(twice))}")
    vitals = table.texts("vitals")
    if not vitals or set(vitals) - set(ruleset.vitals):
        table.refuse("vitals", f"a list of {', '.join(ruleset.vitals)}")
    named = table.table("phase")
    if set(named.names()) != set(PHASES):
        table.refuse("phase", f"one table for each of {', '.join(PHASES)}")
    phases = {name: _phase(named.table(name), ruleset, arms) for name in named.names()}
    found = DiaryPlan(
        recall_hours=_whole(table, "recall_hours"),
        reminder_at=read_time(table, "reminder_at"),
        remind_again=_pauses(table),
        close_after=dt.timedelta(hours=_whole(table, "close_after_hours")),
        vitals=vitals,
        plan=Plan(
            daily=daily,
            weekly=weekly,
            phases=phases,
            extras=tuple(_extra(part, ruleset) for part in table.tables("extra")),
            cycle_days=cycle_days,
            safety_window_days=safety_window_days,
            surgery_days=_whole(table, "surgery_days"),
        ),
    )
    table.done()
    return found


def _phase(table: Table, ruleset: Ruleset, arms: Collection[str]) -> Phase:
    every = table.number("every_days")
    if every is None or every < 0 or every != every.to_integral_value():
        table.refuse("every_days", "a whole number, 0 for never")
    phase = Phase(
        int(every),
        table.texts("arms") if "arms" in table else (),
        _symptoms(table, "ask", ruleset) if "ask" in table else (),
    )
    table.done()
    if set(phase.arms) - set(arms):
        table.refuse("arms", f"a list of {', '.join(arms)}")
    return phase


def _extra(table: Table, ruleset: Ruleset) -> Extra:
    extra = Extra(
        table.choice("component", COMPONENTS),
        _whole(table, "within_days"),
        _symptoms(table, "ask", ruleset),
    )
    table.done()
    return extra


def _symptoms(table: Table, key: str, ruleset: Ruleset) -> tuple[str, ...]:
    found = table.texts(key)
    odd = set(found) - set(ruleset.symptoms)
    if not found or odd or len(set(found)) < len(found):
        table.refuse(key, f"different symptoms of the rules, without {', '.join(sorted(odd))}")
    return found


def _pauses(table: Table) -> tuple[dt.timedelta, ...]:
    raw = table.raw("remind_again_minutes")
    if (
        not isinstance(raw, list)
        or any(type(each) is not int or each < 1 for each in raw)
        or raw != sorted(raw)
    ):
        table.refuse("remind_again_minutes", "a list of whole minutes, ascending")
    return tuple(dt.timedelta(minutes=each) for each in raw)


def _whole(table: Table, key: str) -> int:
    number = table.number(key)
    if number is None or number < 1 or number != number.to_integral_value():
        table.refuse(key, "a whole number above 0")
    return int(number)
