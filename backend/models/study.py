"""The study's configuration: what is given, in which arms, at which sites; versioned, never code."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mongoengine import StringField
from pymongo.errors import DuplicateKeyError

from backend.models.base import StoredDocument, from_bson, insert
from backend.models.fields import UtcDateTimeField


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the treatment; `plan` says in words how it is given."""

    name: str
    unit: str
    plan: str


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: its blocks (`cycle`, `radiotherapy`) in order."""

    title: str
    plan: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """One hospital; `zone` is its IANA time zone."""

    name: str
    zone: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferenceRange:
    """A laboratory's limits for one analyte in one unit, used where a result brings none.

    `site` None: every site without one of its own.
    """

    analyte: str
    unit: str
    lln: Decimal | None = None
    uln: Decimal | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """One version of the configuration; `version` is the hash of what the file says."""

    id: str
    version: str
    title: str
    phase: str
    ctcae: str
    languages: tuple[str, ...]
    strata: tuple[str, ...]
    safety_window_days: int
    special_interest_window_days: int
    gap_days: int
    components: Mapping[str, Component]
    arms: Mapping[str, Arm]
    sites: Mapping[str, Site]
    ranges: tuple[ReferenceRange, ...]

    def range_for(self, site: str, analyte: str, unit: str) -> ReferenceRange | None:
        """Give the site's own range for this analyte and unit, else the study's."""
        fitting = [r for r in self.ranges if r.analyte == analyte and r.unit == unit]
        own = [r for r in fitting if r.site == site]
        return next(iter(own or [r for r in fitting if r.site is None]), None)


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


def keep_version(version: StudyVersion) -> bool:
    """Store a version; False when it is stored already."""
    try:
        insert(StudyDocument, version)
    except DuplicateKeyError:
        return False
    return True


def versions() -> tuple[StudyVersion, ...]:
    """Give every version that was ever loaded, oldest first."""
    collection: Any = StudyDocument._get_collection()  # noqa: SLF001
    return tuple(from_bson(StudyVersion, stored) for stored in collection.find().sort("loaded_at"))
