"""The milestones of a subject's course through the trial: their order, and where it stands."""

from collections.abc import Mapping
from datetime import date

MILESTONES = (
    "randomised",
    "first_dose",
    "radiotherapy_start",
    "radiotherapy_end",
    "efficacy_assessment",
    "surgery",
    "local_excision",
    "watch_and_wait",
    "last_treatment",
    "off_study",
)
# Their order tells the arm: arm B begins with radiotherapy.
TELL_THE_ARM = ("first_dose", "radiotherapy_start", "radiotherapy_end")

_AFTER_ASSESSMENT = ("surgery", "local_excision", "watch_and_wait")
# What can only happen in this order, or on the same day.
_ORDER = (
    *(("randomised", kind) for kind in MILESTONES[1:]),
    *((kind, "off_study") for kind in MILESTONES[:-1]),
    ("radiotherapy_start", "radiotherapy_end"),
    ("first_dose", "last_treatment"),
    ("radiotherapy_end", "last_treatment"),
    ("first_dose", "efficacy_assessment"),
    *(("efficacy_assessment", kind) for kind in _AFTER_ASSESSMENT),
)

ENROLLED, ON_TREATMENT, FOLLOW_UP, OFF_STUDY = "enrolled", "on_treatment", "follow_up", "off_study"
STATUSES = (ENROLLED, ON_TREATMENT, FOLLOW_UP, OFF_STUDY)


def order_fault(days: Mapping[str, date]) -> str | None:
    """Say what in these days cannot be; None where nothing is."""
    for first, second in _ORDER:
        if first in days and second in days and days[first] > days[second]:
            return f"{second} is before {first}"
    return None


def status_of(days: Mapping[str, date]) -> str:
    """Say where the subject stands by its milestones."""
    if "off_study" in days:
        return OFF_STUDY
    if any(kind in days for kind in ("last_treatment", *_AFTER_ASSESSMENT)):
        return FOLLOW_UP
    if any(kind in days for kind in ("first_dose", "radiotherapy_start")):
        return ON_TREATMENT
    return ENROLLED
