"""A made-up trial: who is in it, what was given, what was felt and measured; the same every time."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

SITES = ("S01", "S02")
CYCLE = 21
DRUG_DAYS = 14
# Where a story happens, counted in days before the last one; the rest is ordinary treatment.
RECENT_DAYS = 3


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up subject; `story` names what happens to them in the last days."""

    index: int
    site: str
    arm: str
    mrf: str
    first_day: dt.date
    weeks: int
    story: str
    adherence: float
    baseline: dict[str, float] = field(hash=False)

    @property
    def days(self) -> list[dt.date]:
        """Give every day of the diary, oldest first."""
        return [self.first_day + dt.timedelta(days=number) for number in range(self.weeks * 7)]

    def random_for(self, *about: object) -> random.Random:
        """Give chance that is the same for the same person and thing every time."""
        return random.Random(f"{self.index}/{about}")  # noqa: S311 - made-up data, not secrets  # nosec B311


# What the last days bring; most people have an ordinary week.
_STORIES = (
    "ordinary", "colitis", "ordinary", "hypertension", "ordinary", "fever",
    "ordinary", "hand_foot", "ordinary", "hepatitis", "silent", "ordinary",
    "rash", "ordinary", "ordinary", "vomiting", "ordinary", "chest_pain",
    "ordinary", "neuropathy", "ordinary", "ordinary", "breathless", "ordinary",
)  # fmt: skip


def people(count: int, weeks: int, today: dt.date) -> list[Person]:
    """Give `count` subjects, balanced over sites, arms and strata, `weeks` into their treatment."""
    found = []
    for index in range(count):
        chance = random.Random(f"person/{index}")  # noqa: S311 - made-up data  # nosec B311
        found.append(
            Person(
                index=index,
                site=SITES[index % 2],
                arm="AB"[index // 2 % 2],
                mrf=("positive", "negative")[index // 4 % 2],
                first_day=today - dt.timedelta(days=weeks * 7 - 1),
                weeks=weeks,
                story=_STORIES[index % len(_STORIES)],
                adherence=chance.uniform(0.78, 0.98),
                baseline={
                    "baseline_stools_per_day": chance.randint(1, 3),
                    "baseline_weight_kg": round(chance.uniform(50, 88), 1),
                    "baseline_sbp_mmhg": chance.randint(112, 132),
                    "baseline_dbp_mmhg": chance.randint(68, 80),
                    "baseline_heart_rate_bpm": chance.randint(62, 82),
                    "baseline_spo2_percent": chance.randint(96, 99),
                    "baseline_temperature_c": round(chance.uniform(36.2, 36.8), 1),
                },
            )
        )
    return found


def treatment(person: Person) -> Iterator[dict[str, Any]]:
    """Give the dose records until today: arm A begins with two cycles, arm B with radiotherapy."""
    last = person.days[-1]
    start = person.first_day
    cycle = 0
    plan = ["cycle", "cycle", "radiotherapy"] if person.arm == "A" else ["radiotherapy"]
    for block in [*plan, *["cycle"] * 6]:
        if start > last:
            return
        if block == "radiotherapy":
            yield from _fractions(start, last)
            start += dt.timedelta(days=14)
        else:
            cycle += 1
            yield from _cycle(person, cycle, start, last)
            start += dt.timedelta(days=CYCLE)


def _fractions(start: dt.date, last: dt.date) -> Iterator[dict[str, Any]]:
    for number in range(5):
        day = start + dt.timedelta(days=number)
        if day <= last:
            yield {
                "component": "radiotherapy",
                "first": day.isoformat(),
                "dose": 5,
                "unit": "Gy",
                "fraction": number + 1,
            }


def _cycle(person: Person, cycle: int, start: dt.date, last: dt.date) -> Iterator[dict[str, Any]]:
    weight = person.baseline["baseline_weight_kg"]
    surface = 1.7
    infusions = (("ql1706", round(5 * weight), None), ("oxaliplatin", round(130 * surface), 130))
    for component, dose, per_m2 in infusions:
        yield {
            "component": component,
            "first": start.isoformat(),
            "dose": dose,
            "unit": "mg",
            "cycle": cycle,
            "dose_per_m2": per_m2,
        }
    end = start + dt.timedelta(days=DRUG_DAYS - 1)
    for component, dose in (("capecitabine", round(2000 * surface)), ("regorafenib", 80)):
        yield {
            "component": component,
            "first": start.isoformat(),
            "last": end.isoformat() if end <= last else None,
            "dose": dose,
            "unit": "mg",
            "cycle": cycle,
        }


def is_written(person: Person, day: dt.date) -> bool:
    """Decide whether a diary was written on that day; the silent stop before the end."""
    if person.story == "silent" and day > person.days[-1] - dt.timedelta(days=4):
        return False
    if day > person.days[-1] - dt.timedelta(days=RECENT_DAYS) and person.story != "ordinary":
        return True
    return person.random_for("written", day).random() < person.adherence
