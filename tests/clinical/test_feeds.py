"""Every fact that a rule reads has somebody who says it: no rule waits for what can never come."""

import datetime as dt
from decimal import Decimal

from backend.clinical.exposure import OMITTED, ORAL, PAUSED, Dose, exposure_facts
from tests.clinical.ruleset import ruleset

DAY = dt.date(2026, 3, 2)
# Said by the job that watches for silence (backend/services/silence.py).
SILENCE = {"missed_diaries", "missed_hours_after_alert"}
# Counted from earlier diaries (backend/services/assessment.py).
HISTORY = {"diarrhoea_days"}


def exposures() -> set[str]:
    """Give every fact that dose records can say."""
    ago = [DAY - dt.timedelta(days=number) for number in range(30)]
    doses = [
        Dose("ql1706", ago[9], cycle=1),
        Dose("oxaliplatin", ago[9], cycle=1, amount_per_m2=Decimal(130)),
        *(Dose("radiotherapy", day) for day in ago[20:25]),
        Dose("regorafenib", ago[9], ago[5], cycle=1),
        Dose("regorafenib", ago[4], kind=PAUSED),
        Dose("capecitabine", ago[9], ago[5], cycle=1),
        Dose("capecitabine", ago[4], kind=PAUSED),
        Dose("oxaliplatin", ago[1], kind=OMITTED),
    ]
    resumed = [*doses, *(Dose(drug, ago[1], cycle=1) for drug in ORAL)]
    return {*exposure_facts(doses, on=DAY), *exposure_facts(resumed, on=DAY)}


def test_every_fact_that_a_rule_reads_can_be_said() -> None:
    rules = ruleset()
    reads = {name for rule in rules.flags.values() for name in rule.reads}
    reads |= {name for rule in rules.gradings.values() for name in rule.reads}
    reads |= {name for when in rules.definitions.values() for name in when.reads()}
    said = exposures() | SILENCE | HISTORY
    for name, declared in rules.facts.items():
        by_people = declared.asked in ("patient", "device", "staff")
        on_record = declared.asked == "record" and declared.group in ("baseline", "history", "lab")
        before = name.removeprefix("previous_") in rules.facts and name.startswith("previous_")
        if by_people or on_record or before or declared.asked == "derived":
            said.add(name)
    assert not reads - said
