"""The study's configuration: what is given, in which arms, at which sites; versioned, never code."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mongoengine import StringField
from pymongo.client_session import ClientSession

from backend.clinical.diaryplan import Plan
from backend.duty import QuietHours
from backend.escalation import EscalationPolicy
from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the treatment; `plan` says in words how it is given.

    `dose` is in `unit` per kg, m2, day or fraction (`per`). `days` are the first and last day of a
    cycle, for drugs; `fractions` are for radiotherapy. `assumption` says what of it is not known.
    """

    name: str
    route: str
    unit: str
    dose: Decimal
    per: str
    times_per_day: int
    days: tuple[int, int] | None
    fractions: int | None
    plan: str
    assumption: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: its blocks (`cycle`, `radiotherapy`) in order, and its share of the randomisation."""

    title: str
    ratio: int
    plan: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """One hospital; `zone` is its IANA time zone, `holidays` have duty hours of their own.

    `channels`: in which order its staff are tried when a person's own channel fails. `phone`: the
    number that its patients call; `emergency_phone`: the ambulance's there.
    """

    name: str
    zone: str
    languages: tuple[str, ...]
    holidays: frozenset[dt.date]
    channels: tuple[str, ...]
    phone: str | None = None
    emergency_phone: str | None = None


@dataclass(frozen=True, slots=True)
class DiaryPlan:
    """Which diaries are expected and what they ask; times are in the patient's zone.

    `remind_again`: pauses after the first reminder. `close_after`: how long after its day a diary is
    still late rather than missed.
    """

    recall_hours: int
    reminder_at: dt.time
    remind_again: tuple[dt.timedelta, ...]
    close_after: dt.timedelta
    vitals: tuple[str, ...]
    plan: Plan


@dataclass(frozen=True, slots=True)
class AlertPlan:
    """How alerts are followed, by tier; times of day are those of the site's own zone.

    Routine alerts come as one message a day at `digest_at`. `shifts` (name -> when it begins) only
    sort response times in listings.
    """

    policies: Mapping[str, EscalationPolicy]
    quiet: QuietHours
    digest_at: dt.time
    shifts: Mapping[str, dt.time]

    def shift_at(self, time: dt.time) -> str:
        """Give the name of the shift that a time of day falls into."""
        begun = [(begins, name) for name, begins in self.shifts.items() if begins <= time]
        # Before the first one begins, yesterday's last one goes on.
        return max(begun or [(begins, name) for name, begins in self.shifts.items()])[1]


@dataclass(frozen=True, slots=True)
class ReferenceRange:
    """A laboratory's limits for one analyte in one unit, used where a result brings none.

    `site` None: every site without one of its own; `sex` None: anybody.
    """

    analyte: str
    unit: str
    lln: Decimal | None = None
    uln: Decimal | None = None
    sex: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """How long what is not the trial's record is kept; the record itself for `records_years` at least.

    `photos_months` after `ended`, the last day of the trial (None: not known yet); None: photos are
    kept with the record.
    """

    records_years: int
    sign_ins: dt.timedelta
    contacts: dt.timedelta
    push_addresses: dt.timedelta
    photos_months: int | None = None
    ended: dt.date | None = None

    @property
    def photos_until(self) -> dt.date | None:
        """Give the last day on which photos are kept; None: there is none yet."""
        if self.photos_months is None or self.ended is None:
            return None
        years, month = divmod(self.ended.month - 1 + self.photos_months, 12)
        # The first of the month after: no month is too short for it.
        following = dt.date(self.ended.year + years, month + 1, 1) + dt.timedelta(days=31)
        return following.replace(day=1) - dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Study:
    """One version of the configuration; `version` is the hash of the file."""

    id: str
    version: str
    title: str
    phase: str
    ctcae: str
    languages: tuple[str, ...]
    strata: tuple[str, ...]
    cycle_days: int
    safety_window_days: int
    special_interest_window_days: int
    gap_days: int
    arm_seen_by: tuple[str, ...]
    components: Mapping[str, Component]
    arms: Mapping[str, Arm]
    sites: Mapping[str, Site]
    diary: DiaryPlan
    alerts: AlertPlan
    retention: RetentionPlan
    ranges: tuple[ReferenceRange, ...]

    def shift_of(self, site: str, at: dt.datetime) -> str:
        """Give the name of the shift at a site at some moment, by the clock on its wall."""
        return self.alerts.shift_at(at.astimezone(ZoneInfo(self.sites[site].zone)).time())

    def range_for(
        self, site: str, analyte: str, unit: str, sex: str | None = None
    ) -> ReferenceRange | None:
        """Give the narrowest range for this analyte and canonical unit.

        The site's own comes before the study's, then one for the sex before one for anybody.
        """
        fitting = [
            known
            for known in self.ranges
            if (known.analyte, known.unit) == (analyte, unit)
            and known.site in (None, site)
            and known.sex in (None, sex)
        ]
        fitting.sort(key=lambda known: (known.site is None, known.sex is None))
        return next(iter(fitting), None)


@dataclass(frozen=True, slots=True)
class StudyVersion:
    """One version as stored: what the file said, and when it was loaded."""

    id: str
    study_id: str
    loaded_at: dt.datetime
    content: str


class StudyDocument(StoredDocument):
    """Stored form of `StudyVersion`; `id` is the version."""

    id = StringField(primary_key=True)
    study_id = StringField(required=True)
    loaded_at = UtcDateTimeField(required=True)
    content = StringField(required=True)

    meta = {"collection": "studies", "indexes": []}


def keep_version(version: StudyVersion, *, session: ClientSession) -> bool:
    """Store a version; False when it is stored already.

    Raises:
        DuplicateKeyError: another process stores it at this moment.
    """
    if _collection().find_one({"_id": version.id}, {"_id": 1}, session=session) is not None:
        return False
    insert(StudyDocument, version, session=session)
    return True


def find_version(version: str) -> StudyVersion | None:
    """Give one version that was ever loaded."""
    stored = _collection().find_one({"_id": version})
    return None if stored is None else from_bson(StudyVersion, stored)


def versions() -> tuple[StudyVersion, ...]:
    """Give every version that was ever loaded, oldest first; there are few."""
    found = _collection().find().sort([("loaded_at", 1), ("_id", 1)])
    return tuple(from_bson(StudyVersion, stored) for stored in found)


def _collection() -> Any:  # noqa: ANN401 - pymongo's Collection is generic in the document type
    return StudyDocument._get_collection()  # noqa: SLF001
