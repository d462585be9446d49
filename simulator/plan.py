"""What will be written, sent and measured, and when: all of it from the seed, before anything runs; pure."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from simulator.people import STORIES, Patient, chance, patients

DAY = dt.timedelta(days=1)
# Chances (assumed): that a patient goes offline on a day, that a bad story begins, that a diary is sent
# twice, that it is corrected afterwards.
_OFFLINE, _STORY, _REPEAT, _AMENDED = 0.015, 0.018, 0.08, 0.02
_LONGEST_OFFLINE = 7
# Of what is sent twice.
AGAIN, AT_ONCE = "again", "at once"
_CYCLE = 21
_NAMES = uuid.UUID("b1f4b3e2-6f0c-4a86-8a3c-0d2a7a5e9c11")


@dataclass(frozen=True, slots=True)
class Entry:
    """One diary: written on the phone, sent when it is online.

    `day` and `reported_at` are by the phone's own clock, `written_at` and `sent_at` true. `repeat` is
    empty, or how it is sent twice. `amends` is the submission that it corrects. `burst` is how many
    diaries waited on the phone together; 1: it was online.
    """

    patient: int
    number: int
    submission_id: str
    day: dt.date
    written_at: dt.datetime
    sent_at: dt.datetime
    zone: str
    skew: dt.timedelta
    story: str
    repeat: str
    burst: int
    amends: str | None = None

    @property
    def reported_at(self) -> dt.datetime:
        """Give what the phone's clock showed."""
        return (self.written_at + self.skew).astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class LabRow:
    """One result of a site's file; the time is the site's own, as a laboratory writes it."""

    patient: int
    collected_at: str
    analyte: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class LabFile:
    """What a site's laboratory sends at a moment; `repeat`: it is sent twice."""

    site: str
    at: dt.datetime
    rows: tuple[LabRow, ...]
    repeat: bool


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose record that a nurse enters at a moment."""

    patient: int
    at: dt.datetime
    component: str
    first: dt.date
    dose: float
    unit: str
    cycle: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole trial; each list in the order of time."""

    seed: int
    start: dt.date
    days: int
    people: tuple[Patient, ...]
    entries: tuple[Entry, ...]
    labs: tuple[LabFile, ...]
    doses: tuple[Dose, ...]

    @property
    def expected(self) -> int:
        """Count the diaries that a patient who never forgets would have written."""
        return len(self.people) * self.days

    def changes(self) -> list[tuple[str, dt.date]]:
        """Give the daylight-saving changes that the trial lives through: zone and day."""
        zones = dict.fromkeys(patient.zone for patient in self.people)
        days = [self.start + number * DAY for number in range(self.days)]
        return [
            (zone, day)
            for zone in zones
            for day in days
            if _offset(day, zone) != _offset(day + DAY, zone)
        ]


def make_plan(seed: int, count: int, days: int, start: dt.date) -> Plan:
    """Plan a trial of `count` patients over `days` days."""
    people = patients(seed, count, days)
    entries = sorted(
        (entry for patient in people for entry in _entries(seed, patient, start, days)),
        key=lambda entry: (
            entry.sent_at,
            entry.patient,
            entry.written_at,
            entry.amends is not None,
        ),
    )
    labs = sorted(_labs(seed, people, start, days), key=lambda file: (file.at, file.site))
    doses = sorted(
        (dose for patient in people for dose in _doses(patient, start, days)),
        key=lambda dose: (dose.at, dose.patient),
    )
    return Plan(seed, start, days, people, tuple(entries), tuple(labs), tuple(doses))


def default_start(seed: int, days: int) -> dt.date:
    """Give a first day after which clocks change: in spring for even seeds, in autumn for odd ones.

    60 days hold the changes of Berlin and of New York; ten hold one.
    """
    change = dt.date(2026, 10, 25) if seed % 2 else dt.date(2026, 3, 29)
    before = min(days // 2, 20) if seed % 2 else min(days // 2, 25)
    return change - before * DAY


def _entries(seed: int, patient: Patient, start: dt.date, days: int) -> Iterator[Entry]:
    stories = _stories(seed, patient, days)
    for spell in _spells(seed, patient, days):
        written = [
            number
            for number in spell
            if chance(seed, "written", patient.index, number).random()
            < patient.adherence(number, days)
            or number in stories
        ]
        if not written:
            continue
        # The phone comes online again soon after the last diary of the spell was due.
        online = _written_at(patient, spell[-1], start) + dt.timedelta(minutes=1)
        for number in written:
            at = _written_at(patient, number, start)
            yield from _versions(
                seed, patient, number, start, (at, max(at, online)), stories, len(written)
            )


def _versions(
    seed: int,
    patient: Patient,
    number: int,
    start: dt.date,
    times: tuple[dt.datetime, dt.datetime],
    stories: dict[int, str],
    burst: int,
) -> Iterator[Entry]:
    luck = chance(seed, "sent", patient.index, number)
    repeat = luck.choice((AGAIN, AT_ONCE)) if luck.random() < _REPEAT else ""
    first = Entry(
        patient=patient.index,
        number=number,
        submission_id=_name(seed, patient, number, "first"),
        day=start + number * DAY,
        written_at=times[0],
        sent_at=times[1],
        zone=patient.zone_on(number),
        skew=patient.skew,
        story=stories.get(number, ""),
        repeat=repeat,
        burst=burst,
    )
    yield first
    if luck.random() < _AMENDED:
        later = times[1] + dt.timedelta(minutes=30)
        yield Entry(
            patient=patient.index,
            number=number,
            submission_id=_name(seed, patient, number, "amended"),
            day=first.day,
            written_at=later,
            sent_at=later,
            zone=first.zone,
            skew=first.skew,
            story=first.story,
            repeat="",
            burst=1,
            amends=first.submission_id,
        )


def _written_at(patient: Patient, number: int, start: dt.date) -> dt.datetime:
    """Give when the phone showed the patient's hour of that day; an hour that a change skips is later."""
    shown = dt.datetime.combine(
        start + number * DAY, patient.habit, ZoneInfo(patient.zone_on(number))
    )
    return shown.astimezone(dt.UTC) - patient.skew


def _spells(seed: int, patient: Patient, days: int) -> Iterator[range]:
    """Give the days one by one, or some together where the phone was offline in between."""
    number = 0
    while number < days:
        luck = chance(seed, "offline", patient.index, number)
        long = luck.randint(2, _LONGEST_OFFLINE) if luck.random() < _OFFLINE else 1
        yield range(number, min(days, number + long))
        number += long


def _stories(seed: int, patient: Patient, days: int) -> dict[int, str]:
    found: dict[int, str] = {}
    for number in range(days):
        luck = chance(seed, "story", patient.index, number)
        if number not in found and luck.random() < _STORY:
            story = luck.choice(STORIES[patient.arm])
            for later in range(number, min(days, number + luck.randint(1, 3))):
                found[later] = story
    return found


def _labs(seed: int, people: tuple[Patient, ...], start: dt.date, days: int) -> Iterator[LabFile]:
    """Give each site's file of a week: one result of each patient, sent in the afternoon (UTC)."""
    for number in range(min(2, days - 1), days, 7):
        for site in dict.fromkeys(patient.site for patient in people):
            here = [patient for patient in people if patient.site == site]
            at = dt.datetime.combine(start + number * DAY, dt.time(18), dt.UTC)
            rows = tuple(_result(seed, patient, number, start) for patient in here)
            yield LabFile(site, at, rows, chance(seed, "file", site, number).random() < 1 / 4)


def _result(seed: int, patient: Patient, number: int, start: dt.date) -> LabRow:
    luck = chance(seed, "lab", patient.index, number)
    # Small hours on purpose: a Sunday of these is the one that a change cuts or doubles.
    at = f"{start + number * DAY} {luck.randint(1, 7):02}:{luck.randint(0, 59):02}"
    bad = luck.random() < 0.04  # noqa: PLR2004 - a share
    if number // 7 % 2:
        return LabRow(patient.index, at, "ANC", 0.8 if bad else 3.9, "10^9/L")
    return LabRow(patient.index, at, "ALT", 268 if bad else round(luck.uniform(14, 32), 1), "U/L")


def _doses(patient: Patient, start: dt.date, days: int) -> Iterator[Dose]:
    """Give what is given: arm B begins with a fraction of radiotherapy, both have cycles of 21 days."""
    begun = 7 if patient.arm == "B" else 0
    if patient.arm == "B":
        yield _dose(patient, start, "radiotherapy", 5, "Gy", None)
    for cycle, number in enumerate(range(begun, days, _CYCLE), start=1):
        weight = patient.baseline["baseline_weight_kg"]
        drugs = [("ql1706", round(5 * weight), "mg"), ("oxaliplatin", 220.0, "mg")]
        if cycle == 1:
            drugs += [("capecitabine", 3400.0, "mg"), ("regorafenib", 80.0, "mg")]
        for component, dose, unit in drugs:
            yield _dose(patient, start + number * DAY, component, dose, unit, cycle)


def _dose(
    patient: Patient, day: dt.date, component: str, dose: float, unit: str, cycle: int | None
) -> Dose:
    # It is the same day in all three zones at this hour.
    at = dt.datetime.combine(day, dt.time(13), dt.UTC)
    return Dose(patient.index, at, component, day, dose, unit, cycle)


def _name(seed: int, patient: Patient, number: int, what: str) -> str:
    return str(uuid.uuid5(_NAMES, f"{seed}/{patient.index}/{number}/{what}"))


def _offset(day: dt.date, zone: str) -> dt.timedelta | None:
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).utcoffset()
