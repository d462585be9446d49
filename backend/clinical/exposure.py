"""Dose records to exposure facts: what is on board on one day, since when, and how long ago."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from backend.clinical.facts import Value

# Oral drugs are recorded as runs of days, infusions and fractions as single days.
ORAL = ("regorafenib", "capecitabine")
INFUSED = ("ql1706", "oxaliplatin")
RADIOTHERAPY = "radiotherapy"
COMPONENTS = (*INFUSED, *ORAL, RADIOTHERAPY)

# What a record says: given or taken; planned and left out; not taken for a while; ended for good.
GIVEN, OMITTED, PAUSED, STOPPED = "given", "omitted", "paused", "stopped"

# The fact that says how many days ago each component was last taken; negative: still to come.
SINCE_LAST = {
    "ql1706": "days_since_last_ql1706",
    "oxaliplatin": "days_since_oxaliplatin",
    "regorafenib": "days_since_last_regorafenib",
    "capecitabine": "days_since_last_capecitabine",
    RADIOTHERAPY: "days_since_scrt_end",
}

# Up to this many days without the drug are missed doses of one course, more are a new course (P).
MISSED_DAYS = 2
# Short-course radiotherapy is five fractions of 5 Gy, one on each working day (study protocol).
FRACTIONS = 5
_SATURDAY = 5
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dose:
    """One infusion or fraction, or one run of days of an oral drug, or that there was none.

    `first` to `last`, both included; `last` None: still so, until a later run begins. `kind` PAUSED
    or STOPPED: days without the drug, from `first` on; a later run ends them. `amount_per_m2` in
    mg/m2.
    """

    component: str
    first: dt.date
    last: dt.date | None = None
    kind: str = GIVEN
    cycle: int | None = None
    amount_per_m2: Decimal | None = None


def exposure_facts(
    doses: Iterable[Dose], *, on: dt.date, fractions: int = FRACTIONS
) -> dict[str, Value]:
    """Say what is on board on the day `on`; what was never given stays unknown.

    A day is counted from the dose: 0 is the day of it. Records after `on` are not known yet.
    `fractions` are planned: while some are to come, the end of radiotherapy lies ahead, and
    `days_since_scrt_end` is negative.
    """
    known = sorted(
        (dose for dose in doses if dose.first <= on and dose.kind != OMITTED),
        key=lambda dose: (dose.first, dose.cycle or 0),
    )
    of = {name: [dose for dose in known if dose.component == name] for name in COMPONENTS}
    given = {name: [dose for dose in of[name] if dose.kind == GIVEN] for name in COMPONENTS}
    facts: dict[str, Value] = {}
    newest: list[Decimal] = []
    if given["ql1706"]:
        facts["days_since_first_ql1706"] = _days(given["ql1706"][0].first, on)
        facts["days_since_last_ql1706"] = _days(given["ql1706"][-1].first, on)
        newest.append(_days(given["ql1706"][-1].first, on))
    if given["oxaliplatin"]:
        facts |= _oxaliplatin(given["oxaliplatin"], on)
        newest.append(_days(given["oxaliplatin"][-1].first, on))
    for name in ORAL:
        facts |= _oral(name, of[name], on)
        last = facts.get(f"days_since_last_{name}")
        if isinstance(last, Decimal):
            newest.append(last)
    if given[RADIOTHERAPY]:
        facts |= _radiotherapy(of[RADIOTHERAPY], on, fractions)
        newest.append(_days(given[RADIOTHERAPY][-1].first, on))
    begun = [dose.first for name in COMPONENTS for dose in given[name]]
    if newest:
        facts["study_day"] = _days(min(begun), on) + 1
        facts["days_since_last_any_treatment"] = min(newest)
    return facts | _cycle(given, on)


def days_since(facts: Mapping[str, Value]) -> dict[str, int]:
    """Give how many days ago each component was last taken, for those ever taken."""
    found = {name: facts.get(fact) for name, fact in SINCE_LAST.items()}
    return {name: int(days) for name, days in found.items() if isinstance(days, Decimal)}


def _oxaliplatin(doses: list[Dose], on: dt.date) -> dict[str, Value]:
    facts: dict[str, Value] = {
        "days_since_oxaliplatin": _days(doses[-1].first, on),
        "oxaliplatin_doses": Decimal(len(doses)),
    }
    amounts = [dose.amount_per_m2 for dose in doses if dose.amount_per_m2 is not None]
    # A sum that leaves out a dose would reassure; it is known only where every dose is.
    if len(amounts) == len(doses):
        facts["oxaliplatin_cumulative_mg_m2"] = sum(amounts, Decimal(0))
    return facts


def _oral(name: str, records: list[Dose], on: dt.date) -> dict[str, Value]:
    given = [record for record in records if record.kind == GIVEN]
    runs = [run if run.last else _ended(run, given) for run in given]
    pauses = [_ended(record, given) for record in records if record.kind != GIVEN]
    taken = sorted(
        day
        for day in {day for run in runs for day in _each(run.first, min(run.last or on, on))}
        if not any(pause.first <= day <= (pause.last or on) for pause in pauses)
    )
    if not taken:
        return {f"{name}_on": False}
    facts: dict[str, Value] = {
        f"{name}_on": taken[-1] == on,
        f"days_since_last_{name}": _days(taken[-1], on),
    }
    if taken[-1] == on:
        facts[f"{name}_days_since_start"] = _days(_start_of_course(taken), on)
    cycle = [run.cycle for run in runs if run.first <= taken[-1]][-1]
    if cycle is not None:
        facts[f"{name}_cycle"] = Decimal(cycle)
    return facts | _dechallenge(name, pauses, taken, on)


def _ended(record: Dose, runs: list[Dose]) -> Dose:
    """Give a record with its last day: the stated one, or the day before the next run begins."""
    again = [run.first - _DAY for run in runs if run.first > record.first]
    ends = [end for end in [record.last, *again] if end is not None]
    return replace(record, last=min(ends, default=None))


def _start_of_course(taken: list[dt.date]) -> dt.date:
    start = taken[-1]
    for day in reversed(taken):
        if (start - day).days > MISSED_DAYS + 1:
            break
        start = day
    return start


def _dechallenge(
    name: str, pauses: list[Dose], taken: list[dt.date], on: dt.date
) -> dict[str, Value]:
    """Say whether the drug is off for a stated reason (not by plan), or back after that."""
    now = [pause.first for pause in pauses if pause.first <= on <= (pause.last or on)]
    facts: dict[str, Value] = {f"{name}_paused": bool(now)}
    if now:
        facts[f"days_since_{name}_paused"] = _days(min(now), on)
        return facts
    back = [day for day in taken if pauses and day > max(pause.first for pause in pauses)]
    if back:
        facts[f"days_since_{name}_resumed"] = _days(back[0], on)
    return facts


def _radiotherapy(records: list[Dose], on: dt.date, planned: int) -> dict[str, Value]:
    days = [record.first for record in records if record.kind == GIVEN]
    stopped = any(record.kind == STOPPED for record in records)
    end = days[-1]
    for _ in range(0 if stopped else planned - len(days)):
        end += _DAY
        while end.weekday() >= _SATURDAY:
            end += _DAY
    # Fractions that did not come by their day are not waited for: the last one given was the end.
    if end < on:
        end = days[-1]
    return {
        "days_since_scrt_start": _days(days[0], on),
        "days_since_scrt_end": _days(end, on),
        "scrt_fractions": Decimal(len(days)),
    }


def _cycle(given: dict[str, list[Dose]], on: dt.date) -> dict[str, Value]:
    """Give the newest cycle; it lasts until the next one or radiotherapy begins."""
    drugs = [dose for name in (*INFUSED, *ORAL) for dose in given[name]]
    named = [(dose.cycle, dose.first) for dose in drugs if dose.cycle is not None]
    if not named:
        return {}
    cycle = max(number for number, _ in named)
    first = min(day for number, day in named if number == cycle)
    if any(fraction.first > first for fraction in given[RADIOTHERAPY]):
        return {}
    return {"cycle": Decimal(cycle), "cycle_day": _days(first, on) + 1}


def _each(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + dt.timedelta(days=number) for number in range((last - first).days + 1))


def _days(since: dt.date, on: dt.date) -> Decimal:
    return Decimal((on - since).days)
