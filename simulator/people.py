"""Who is in the simulated trial: patients, each with a way of their own, and the sites' staff; pure."""

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

# Three zones: one without daylight saving, two that change their clocks on different days.
ZONES: Mapping[str, str] = {
    "S01": "Asia/Shanghai",
    "S02": "Europe/Berlin",
    "S03": "America/New_York",
}
# The site that the study file lacks, in its own words.
THIRD_SITE = """
[site.S03]
name = "Simulated hospital three"
zone = "America/New_York"
languages = ["en"]
phone = "+1 212 555 0103"
emergency_phone = "911"
"""
# Of those who report an alarming day, what it is: by arm, after what each drug does.
STORIES: Mapping[str, tuple[str, ...]] = {
    "A": ("colitis", "hypertension", "hand_foot", "fever", "vomiting", "breathless"),
    "B": ("proctitis", "colitis", "neuropathy", "fever", "rash", "chest_pain"),
}
NURSE, INVESTIGATOR, REVIEWER = "nurse", "investigator", "safety_reviewer"
# Shares of patients (assumed): whose phone's clock is wrong, and who cross a zone for a week.
_SKEWED, _TRAVELLING = 0.2, 0.08
_LEAST_SKEW, _MOST_SKEW = 6, 12 * 60


@dataclass(frozen=True, slots=True)
class Patient:
    """One made-up patient: adherence at the beginning and the end, habits, and a phone.

    `skew` is how far the phone's clock runs ahead; `travels` is the day (from 0) on which a week in
    `elsewhere` begins, None: never.
    """

    index: int
    site: str
    arm: str
    mrf: str
    first: float
    last: float
    habit: dt.time
    skew: dt.timedelta
    travels: int | None
    elsewhere: str
    baseline: Mapping[str, float] = field(hash=False)

    @property
    def zone(self) -> str:
        """Give the zone that the patient lives in."""
        return ZONES[self.site]

    def zone_on(self, number: int) -> str:
        """Give the zone of the phone on a day of the trial, counted from 0."""
        away = self.travels is not None and self.travels <= number < self.travels + 7
        return self.elsewhere if away else self.zone

    def adherence(self, number: int, days: int) -> float:
        """Give the chance that the diary of a day is written; it decays from the first to the last."""
        return self.first + (self.last - self.first) * number / max(1, days - 1)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One member of staff; the shift is by the clock on the site's wall, None: no shift."""

    email: str
    role: str
    site: str | None
    begins: dt.time | None = None
    ends: dt.time | None = None

    def is_on(self, at: dt.time) -> bool:
        """Tell whether the shift lasts at a time of day."""
        if self.begins is None or self.ends is None:
            return False
        if self.begins < self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def patients(seed: int, count: int, days: int) -> tuple[Patient, ...]:
    """Give `count` patients, balanced over sites, arms and strata."""
    return tuple(_patient(seed, index, days) for index in range(count))


def colleagues() -> tuple[Colleague, ...]:
    """Give each site two nurses who share the day and an investigator; the study, its safety desk."""
    found = []
    for site in ZONES:
        for name, begins, ends in (("day", 7, 19), ("night", 19, 7)):
            email = f"{name}.{site.lower()}@simulator.example"
            found.append(Colleague(email, NURSE, site, dt.time(begins), dt.time(ends)))
        found.append(
            Colleague(f"investigator.{site.lower()}@simulator.example", INVESTIGATOR, site)
        )
    return (*found, Colleague("desk@simulator.example", REVIEWER, None))


def chance(*about: object) -> random.Random:
    """Give chance that is the same for the same thing every time."""
    return random.Random("/".join(str(part) for part in about))  # noqa: S311 - no secret


def _patient(seed: int, index: int, days: int) -> Patient:
    luck = chance(seed, "patient", index)
    site = tuple(ZONES)[index % len(ZONES)]
    begun = min(1.0, max(0.8, luck.gauss(0.95, 0.03)))
    skewed = luck.random() < _SKEWED
    minutes = luck.choice((-1, 1)) * luck.randint(_LEAST_SKEW, _MOST_SKEW) if skewed else 0
    travels = luck.randrange(max(1, days)) if luck.random() < _TRAVELLING else None
    # Most write in the evening; one in six in the small hours, which daylight saving cuts or doubles.
    hour = luck.choice((1, 2)) if luck.random() < 1 / 6 else luck.randint(17, 22)
    return Patient(
        index=index,
        site=site,
        arm="AB"[index // len(ZONES) % 2],
        mrf=("positive", "negative")[index // (2 * len(ZONES)) % 2],
        first=begun,
        last=min(begun, max(0.3, luck.gauss(0.65, 0.1))),
        habit=dt.time(hour, luck.randint(0, 59)),
        skew=dt.timedelta(minutes=minutes),
        travels=travels,
        elsewhere=luck.choice([zone for zone in ZONES.values() if zone != ZONES[site]]),
        baseline={
            "baseline_stools_per_day": luck.randint(1, 3),
            "baseline_weight_kg": round(luck.uniform(50, 88), 1),
            "baseline_sbp_mmhg": luck.randint(112, 128),
            "baseline_dbp_mmhg": luck.randint(68, 80),
            "baseline_heart_rate_bpm": luck.randint(62, 82),
            "baseline_spo2_percent": luck.randint(96, 99),
            "baseline_temperature_c": round(luck.uniform(36.5, 36.9), 1),
        },
    )
