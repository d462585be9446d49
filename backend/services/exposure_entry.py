"""A dose record as entered: what it can say, and what cannot be."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from backend.clinical.exposure import ORAL, RADIOTHERAPY
from backend.errors import Fault
from backend.models.study import Component, Study
from backend.models.subject import Subject

# How a record differs from the plan. `omitted`: planned and not given. `interrupted`: by mouth, days
# without the drug from `first` to `last` (open: until it is taken again); of an infusion, broken off
# after `dose`. `stopped`: given no more, from `first` on. `withdrawn`: entered by mistake.
GIVEN, REDUCED, DELAYED = "given", "reduced", "delayed"
INTERRUPTED, STOPPED, OMITTED, WITHDRAWN = "interrupted", "stopped", "omitted", "withdrawn"
CHANGES = (GIVEN, REDUCED, DELAYED, INTERRUPTED, STOPPED, OMITTED, WITHDRAWN)

# An older dose is no dose of this study, but a slip of the finger in the year.
OLDEST = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class NewExposure:
    """One dose record as entered."""

    component: str
    first: dt.date
    last: dt.date | None
    dose: Decimal
    unit: str
    cycle: int | None
    fraction: int | None
    dose_per_m2: Decimal | None
    change: str
    reason: str | None
    corrects: str | None


def exposure_faults(
    new: NewExposure, study: Study, subject: Subject, *, today: dt.date
) -> tuple[Fault, ...]:
    """Name what cannot be in a new record; `today` is the subject's."""
    component = study.components.get(new.component)
    if component is None:
        known = ", ".join(study.components)
        return (Fault("/component", f"one of {known} is expected"),)
    unit = () if new.unit == component.unit else (Fault("/unit", f"{component.unit} is expected"),)
    return (
        *unit,
        *_day_faults(new, subject, today),
        *_place_faults(new, component, study, subject),
        *_change_faults(new),
    )


def _place_faults(
    new: NewExposure, component: Component, study: Study, subject: Subject
) -> Iterator[Fault]:
    """Name what is wrong with the place in the plan: which cycle, which fraction."""
    cycles = study.arms[subject.arm].plan.count("cycle") if subject.arm in study.arms else 0
    if new.component == RADIOTHERAPY:
        if new.cycle is not None:
            yield Fault("/cycle", "radiotherapy is in no cycle")
        if new.fraction is None and new.change != STOPPED:
            yield Fault("/fraction", "the number of the fraction is expected")
        elif new.fraction is not None and new.fraction > (component.fractions or 0):
            yield Fault("/fraction", f"at most {component.fractions} are planned")
    elif new.fraction is not None:
        yield Fault("/fraction", "only radiotherapy has fractions")
    elif new.cycle is not None and new.cycle > cycles:
        yield Fault("/cycle", f"at most {cycles} are planned")


def _change_faults(new: NewExposure) -> Iterator[Fault]:
    if (new.change != GIVEN or new.corrects is not None) and not new.reason:
        yield Fault("/reason", "a change from the plan or a correction needs its reason")
    nothing = new.change in (STOPPED, OMITTED, WITHDRAWN) or (
        new.change == INTERRUPTED and new.component in ORAL
    )
    if (new.dose == 0) != nothing:
        yield Fault("/dose", "0 where none was given or taken, else above 0")
    if new.change == WITHDRAWN and new.corrects is None:
        yield Fault("/corrects", "the record that is withdrawn is expected")


def _day_faults(new: NewExposure, subject: Subject, today: dt.date) -> Iterator[Fault]:
    if new.first > today:
        yield Fault("/first", "this day has not come yet")
    randomised = subject.milestone_days.get("randomised")
    if randomised is not None and new.first < randomised:
        yield Fault("/first", f"before the randomisation on {randomised}")
    elif new.first < subject.enrolled_at.date() - OLDEST:
        yield Fault("/first", "more than a year before the enrolment")
    if new.last is None:
        return
    if new.component not in ORAL:
        yield Fault("/last", "an infusion or fraction has one day")
    elif new.change == STOPPED:
        yield Fault("/last", "what is stopped has no last day")
    elif not new.first <= new.last <= today:
        yield Fault("/last", "before the first day, or not come yet")
