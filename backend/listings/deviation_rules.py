"""What counts as a deviation in reporting: each kind's rule and its source, in one table."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.clinical.windows import CLOCK_TOLERANCE, FROM_MEMORY_AFTER_DAYS
from backend.services.assessment import LABS_COUNT_FOR


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of deviation: what it is called, the rule that was not kept, and whose rule it is."""

    title: str
    rule: str
    source: str


_PROPOSED = "Proposed (P), for the sponsor to confirm"
_PLAN = "Study configuration, diary plan (protocol)"
_ENTRY_DAYS = LABS_COUNT_FOR.days
_MINUTES = CLOCK_TOLERANCE.seconds // 60
# Each row of the listing shows its rule and source.
KINDS: Mapping[str, Kind] = {
    "alert_late": Kind(
        "Alert answered late, or late and waiting",
        "An alert is taken within its tier's time; alerts that did not ring are left out",
        f"{_PROPOSED}; rule set, alert policy",
    ),
    "diary_backfilled": Kind(
        "Diary written from memory",
        f"A diary is written at most {FROM_MEMORY_AFTER_DAYS} days after its day",
        f"{_PROPOSED}; recall of 24 hours",
    ),
    "diary_clock": Kind(
        "Diary from a phone with a wrong clock",
        f"The phone's clock is within {_MINUTES} minutes of the server's",
        _PROPOSED,
    ),
    "diary_late": Kind(
        "Diary received late",
        "A day's diary is received by noon of the next day in the patient's zone",
        _PROPOSED,
    ),
    "diary_missed": Kind(
        "Diary missed",
        "An expected diary comes before its window closes; excused ones are no deviation",
        _PLAN,
    ),
    "dose_entered_late": Kind(
        "Dose entered late",
        f"A dose is entered within {_ENTRY_DAYS} days: until then diaries are read without it",
        _PROPOSED,
    ),
    "lab_entered_late": Kind(
        "Laboratory report entered late",
        f"A report is entered within {_ENTRY_DAYS} days, as long as its results are read with diaries",
        _PROPOSED,
    ),
    "sae_late": Kind(
        "Serious adverse event reported late",
        "The first report leaves within 24 hours of the site's awareness",
        "Protocol; immediate reporting: ICH E2A, ICH E6",
    ),
    "sae_overdue": Kind(
        "Serious adverse event not reported in time, and not yet",
        "The first report leaves within 24 hours of the site's awareness",
        "Protocol; immediate reporting: ICH E2A, ICH E6",
    ),
}
