"""Dose records to exposure facts: what is on board on one day, since when, and how long ago."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.facts import Value

# Oral drugs are recorded as courses of days, infusions and fractions as single days.
ORAL = ("regorafenib", "capecitabine")
# A pause of at most this many days within an oral course is a missed dose, not a new course.
SAME_COURSE_DAYS = 2


@dataclass(frozen=True, slots=True)
class Dose:
    """One infusion, one fraction, or one run of days of an oral drug (`first` to `last`).

    `last` None: still being taken. `given` False: planned and left out.
    """

    component: str
    first: dt.date
    last: dt.date | None
    given: bool
    cycle: int | None
    amount_per_m2: Decimal | None = None


def exposure_facts(doses: Iterable[Dose], *, on: dt.date) -> dict[str, Value]:
    """Say what is on board on the day `on`; what was never given stays unknown.

    A day is counted from the dose: 0 is the day of it. Records after `on` are not known yet.
    """
    known = sorted(
        (dose for dose in doses if dose.given and dose.first <= on), key=lambda dose: dose.first
    )
    facts: dict[str, Value] = {}
    by_component: dict[str, list[Dose]] = {}
    for dose in known:
        by_component.setdefault(dose.component, []).append(dose)
    facts |= _infusions("ql1706", by_component.get("ql1706", []), on)
    facts |= _oxaliplatin(by_component.get("oxaliplatin", []), on)
    facts |= _oral("regorafenib", by_component.get("regorafenib", []), on)
    facts |= _oral("capecitabine", by_component.get("capecitabine", []), on)
    facts |= _radiotherapy(by_component.get("radiotherapy", []), on)
    if known:
        facts["study_day"] = _days(known[0].first, on) + 1
    facts |= _cycle(known, on)
    return facts


def _infusions(name: str, doses: list[Dose], on: dt.date) -> dict[str, Value]:
    if not doses:
        return {}
    return {
        f"days_since_first_{name}": _days(doses[0].first, on),
        f"days_since_last_{name}": _days(doses[-1].first, on),
    }


def _oxaliplatin(doses: list[Dose], on: dt.date) -> dict[str, Value]:
    if not doses:
        return {}
    facts: dict[str, Value] = {
        "days_since_oxaliplatin": _days(doses[-1].first, on),
        "oxaliplatin_doses": Decimal(len(doses)),
    }
    amounts = [dose.amount_per_m2 for dose in doses]
    if all(amount is not None for amount in amounts):
        facts["oxaliplatin_cumulative_mg_m2"] = sum(
            (amount for amount in amounts if amount is not None), Decimal(0)
        )
    return facts


def _oral(name: str, doses: list[Dose], on: dt.date) -> dict[str, Value]:
    facts: dict[str, Value] = {f"{name}_on": False}
    if not doses:
        return facts
    last_day = max(min(dose.last or on, on) for dose in doses)
    facts[f"days_since_last_{name}"] = _days(last_day, on)
    if last_day == on:
        facts[f"{name}_on"] = True
        facts[f"{name}_days_since_start"] = _days(_start_of_course(doses, on), on)
    cycles = [dose.cycle for dose in doses if dose.cycle is not None]
    if cycles:
        facts[f"{name}_cycle"] = Decimal(cycles[-1])
    return facts


def _start_of_course(doses: list[Dose], on: dt.date) -> dt.date:
    start = on
    for dose in reversed(doses):
        if _days(min(dose.last or on, on), start) <= SAME_COURSE_DAYS:
            start = min(start, dose.first)
    return start


def _radiotherapy(doses: list[Dose], on: dt.date) -> dict[str, Value]:
    if not doses:
        return {}
    return {
        "days_since_scrt_start": _days(doses[0].first, on),
        "days_since_scrt_end": _days(doses[-1].first, on),
        "scrt_fractions": Decimal(len(doses)),
    }


def _cycle(known: list[Dose], on: dt.date) -> dict[str, Value]:
    """The cycle is that of the newest record which names one; its day 1 is that cycle's first."""
    named = [dose for dose in known if dose.cycle is not None]
    if not named:
        return {}
    cycle = max(dose.cycle for dose in named if dose.cycle is not None)
    first = min(dose.first for dose in named if dose.cycle == cycle)
    return {"cycle": Decimal(cycle), "cycle_day": _days(first, on) + 1}


def _days(since: dt.date, on: dt.date) -> Decimal:
    return Decimal((on - since).days)
