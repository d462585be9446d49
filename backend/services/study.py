"""Load a study's configuration, strictly: an unknown key or a missing part stops the start."""

import datetime as dt
import hashlib
from pathlib import Path
from zoneinfo import available_timezones

from backend.clinical.document import RuleError, Table, read_toml
from backend.clinical.rules import Ruleset
from backend.models.study import (
    Arm,
    Component,
    ReferenceRange,
    Site,
    Study,
    StudyVersion,
    keep_version,
)

BLOCKS = ("cycle", "radiotherapy")


def load_study(file: Path, ruleset: Ruleset) -> Study:
    """Read and check one study file.

    Raises:
        RuleError: an unknown or missing key, zone, analyte or block; the text names file and key.
    """
    if not file.is_file():
        message = f"the study file {file} does not exist; set STUDY_FILE"
        raise RuleError(message)
    table = Table(read_toml(file), file.name)
    study = Study(
        id=table.text("id"),
        version=hashlib.sha256(file.read_bytes()).hexdigest()[:12],
        title=table.text("title"),
        phase=table.text("phase"),
        ctcae=table.choice("ctcae", ("4.03",)),
        languages=table.texts("languages"),
        strata=table.texts("strata"),
        safety_window_days=_days(table, "safety_window_days"),
        special_interest_window_days=_days(table, "special_interest_window_days"),
        gap_days=_days(table, "episode_gap_days"),
        components={name: _component(part) for name, part in _parts(table, "component")},
        arms={name: _arm(part) for name, part in _parts(table, "arm")},
        sites={name: _site(part) for name, part in _parts(table, "site")},
        ranges=tuple(_range(part, ruleset) for part in table.tables("range")),
    )
    table.done()
    return study


def keep_study(file: Path, study: Study, *, now: dt.datetime) -> bool:
    """Store this version for good, so that every record's `study_version` can be read again."""
    content = file.read_text(encoding="utf-8")
    return keep_version(StudyVersion(study.version, study.id, now, content))


def _parts(table: Table, key: str) -> list[tuple[str, Table]]:
    parts = table.table(key)
    return [(name, parts.table(name)) for name in parts.names()]


def _days(table: Table, key: str) -> int:
    days = table.number(key)
    if days is None or days < 1 or days != days.to_integral_value():
        table.refuse(key, "a whole number of days above 0")
    return int(days)


def _component(table: Table) -> Component:
    component = Component(table.text("name"), table.text("unit"), table.text("plan"))
    table.done()
    return component


def _arm(table: Table) -> Arm:
    arm = Arm(table.text("title"), table.texts("plan"))
    table.done()
    if not arm.plan or set(arm.plan) - set(BLOCKS):
        table.refuse("plan", f"a list of {' and '.join(BLOCKS)}")
    return arm


def _site(table: Table) -> Site:
    site = Site(table.text("name"), table.text("zone"), table.texts("languages"))
    table.done()
    if site.zone not in available_timezones():
        table.refuse("zone", "an IANA time zone")
    return site


def _range(table: Table, ruleset: Ruleset) -> ReferenceRange:
    found = ReferenceRange(
        analyte=table.text("analyte"),
        unit=table.text("unit"),
        lln=table.number("lln"),
        uln=table.number("uln"),
        site=table.optional("site", table.text),
    )
    table.done()
    if found.analyte not in ruleset.units.analytes:
        table.refuse("analyte", "an analyte of the clinical data")
    if not ruleset.units.meanings(found.unit):
        table.refuse("unit", "a unit of the clinical data")
    return found
