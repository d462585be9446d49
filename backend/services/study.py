"""Load a study's configuration, strictly: an unknown key or a missing part stops the start."""

import datetime as dt
import hashlib
import re
from collections.abc import Collection
from pathlib import Path
from zoneinfo import available_timezones

from backend.access import PERMISSIONS, Action
from backend.clinical.document import RuleError, Table, read_toml
from backend.clinical.exposure import COMPONENTS, INFUSED, ORAL
from backend.clinical.rules import Ruleset
from backend.errors import NotFound
from backend.models import study as studies
from backend.models.study import (
    Arm,
    Component,
    ReferenceRange,
    Site,
    Study,
    StudyVersion,
)
from backend.services.kept import kept_once
from backend.services.study_alerts import CHANNELS, read_alert_plan, read_holidays
from backend.services.study_diary import read_diary_plan
from backend.services.study_retention import read_retention

BLOCKS = ("cycle", "radiotherapy")
# In these the rules ask their questions and the patient's next step is written.
LANGUAGES = ("en", "zh")
SEXES = ("female", "male")
_PER = ("kg", "m2", "day", "fraction")
_ROUTES = ("infusion", "oral", "radiation")
# A site's id begins the subject's: S01-0001.
_SITE = re.compile(r"[A-Z][A-Z0-9]{1,7}")
# Digits with what people write between them; it becomes a link that a phone dials.
_PHONE = re.compile(r"\+?[0-9][0-9 ()/-]{2,24}", re.ASCII)


def load_study(file: Path, ruleset: Ruleset) -> Study:
    """Read and check one study file.

    Raises:
        RuleError: an unknown or missing key, zone, analyte or block; the text names file and key.
    """
    if not file.is_file():
        message = f"the study file {file} does not exist; set STUDY_FILE"
        raise RuleError(message)
    table = Table(read_toml(file), file.name)
    languages = _some(table, "languages", LANGUAGES)
    arms = {name: _arm(part) for name, part in _parts(table, "arm")}
    sites = {name: _site(part, languages) for name, part in _parts(table, "site")}
    study = Study(
        id=table.text("id"),
        version=hashlib.sha256(file.read_bytes()).hexdigest()[:12],
        title=table.text("title"),
        phase=table.text("phase"),
        ctcae=table.choice("ctcae", ("4.03",)),
        languages=languages,
        strata=_some(table, "strata"),
        cycle_days=(cycle_days := _whole(table, "cycle_days")),
        safety_window_days=(safety_days := _whole(table, "safety_window_days")),
        special_interest_window_days=_whole(table, "special_interest_window_days"),
        gap_days=_whole(table, "episode_gap_days"),
        arm_seen_by=_some(table, "arm_seen_by", sorted(PERMISSIONS[Action.ARM_READ])),
        components={name: _component(name, part) for name, part in _parts(table, "component")},
        arms=arms,
        sites=sites,
        diary=read_diary_plan(
            table.table("diary"),
            ruleset,
            cycle_days=cycle_days,
            safety_window_days=safety_days,
            arms=arms,
        ),
        alerts=read_alert_plan(table.table("alerts")),
        retention=read_retention(table.table("retention")),
        ranges=tuple(_range(part, ruleset, sites) for part in table.tables("range")),
    )
    table.done()
    _check_whole(table, study)
    return study


def keep_study(file: Path, study: Study, *, now: dt.datetime) -> bool:
    """Store this version for good, so that every record's `study_version` can be read again."""
    content = file.read_text(encoding="utf-8")
    version = StudyVersion(study.version, study.id, now, content)
    return kept_once(
        "study:change",
        f"study/{study.version}",
        lambda session: studies.keep_version(version, session=session),
        now=now,
    )


def is_kept(study: Study) -> bool:
    """Tell whether the version in force is stored; `python -m backend.migrate` stores it."""
    return studies.find_version(study.version) is not None


def list_versions() -> tuple[StudyVersion, ...]:
    """Give every version that was ever loaded, oldest first."""
    return studies.versions()


def read_version(version: str) -> StudyVersion:
    """Give what one version said.

    Raises:
        NotFound: it was never loaded.
    """
    found = studies.find_version(version)
    if found is None:
        raise NotFound
    return found


def _parts(table: Table, key: str) -> list[tuple[str, Table]]:
    parts = table.table(key)
    if not parts.names():
        table.refuse(key, "at least one table")
    return [(name, parts.table(name)) for name in parts.names()]


def _some(table: Table, key: str, choices: Collection[str] | None = None) -> tuple[str, ...]:
    """Read a list of different texts, at least one, all of them among `choices`."""
    found = table.texts(key)
    if not found or len(set(found)) < len(found) or not all(found):
        table.refuse(key, "a list of different texts, at least one")
    if choices is not None and set(found) - set(choices):
        odd = ", ".join(sorted(set(found) - set(choices)))
        table.refuse(key, f"without {odd}; known are {', '.join(choices)}")
    return found


def _whole(table: Table, key: str) -> int:
    number = table.number(key)
    if number is None or number < 1 or number != number.to_integral_value():
        table.refuse(key, "a whole number above 0")
    return int(number)


def _component(name: str, table: Table) -> Component:
    route = table.choice("route", _ROUTES)
    dose = table.number("dose")
    if dose is None or dose <= 0:
        table.refuse("dose", "a number above 0")
    found = Component(
        name=table.text("name"),
        route=route,
        unit=table.text("unit"),
        dose=dose,
        per=table.choice("per", _PER),
        times_per_day=_whole(table, "times_per_day") if "times_per_day" in table else 1,
        days=None if route == "radiation" else _cycle_days(table),
        fractions=_whole(table, "fractions") if route == "radiation" else None,
        plan=table.text("plan"),
        assumption=table.optional("assumption", table.text),
        source=table.text("source"),
    )
    table.done()
    counted = "oral" if name in ORAL else "infusion" if name in INFUSED else "radiation"
    if name not in COMPONENTS or route != counted:
        message = f"{table.where}: exposure is counted for {', '.join(COMPONENTS)}, by their route"
        raise RuleError(message)
    return found


def _cycle_days(table: Table) -> tuple[int, int]:
    raw = table.raw("days")
    days = tuple(raw) if isinstance(raw, list) else ()
    if [type(day) for day in days] != [int, int] or not 1 <= days[0] <= days[1]:
        table.refuse("days", "the first and the last day of a cycle")
    return days[0], days[1]


def _arm(table: Table) -> Arm:
    arm = Arm(table.text("title"), _whole(table, "ratio"), table.texts("plan"))
    table.done()
    if not arm.plan or set(arm.plan) - set(BLOCKS):
        table.refuse("plan", f"a list of {' and '.join(BLOCKS)}")
    return arm


def _site(table: Table, languages: tuple[str, ...]) -> Site:
    site = Site(
        table.text("name"),
        table.text("zone"),
        _some(table, "languages", languages),
        read_holidays(table),
        _some(table, "channels", CHANNELS) if "channels" in table else CHANNELS,
        table.optional("phone", table.text),
        table.optional("emergency_phone", table.text),
    )
    table.done()
    for name in ("phone", "emergency_phone"):
        number = getattr(site, name)
        if number is not None and not _PHONE.fullmatch(number):
            table.refuse(name, "a number such as +86 10 5555 0100")
    if site.zone not in available_timezones():
        table.refuse("zone", "an IANA time zone")
    return site


def _range(table: Table, ruleset: Ruleset, sites: Collection[str]) -> ReferenceRange:
    found = ReferenceRange(
        analyte=table.choice("analyte", tuple(ruleset.units.analytes)),
        unit=table.text("unit"),
        lln=table.number("lln"),
        uln=table.number("uln"),
        sex=table.optional("sex", lambda key: table.choice(key, SEXES)),
        site=table.optional("site", lambda key: table.choice(key, tuple(sites))),
    )
    table.done()
    units = ruleset.plausible.units_of(found.analyte)
    if found.unit not in units:
        table.refuse("unit", f"one of {', '.join(units)}")
    limits = [limit for limit in (found.lln, found.uln) if limit is not None]
    if not limits or sorted(set(limits)) != limits or limits[0] < 0:
        table.refuse("lln", "given, or uln, and below it")
    return found


def _check_whole(table: Table, study: Study) -> None:
    for name in study.sites:
        if not _SITE.fullmatch(name):
            table.refuse("site", f"named like S01, not {name}; subjects are numbered S01-0001")
    keys = [(known.site, known.analyte, known.unit, known.sex) for known in study.ranges]
    if twice := sorted({str(key) for key in keys if keys.count(key) > 1}):
        message = f"{table.where}: two ranges for {', '.join(twice)}"
        raise RuleError(message)
    if study.special_interest_window_days < study.safety_window_days:
        table.refuse("special_interest_window_days", "at least safety_window_days")
    for name, component in study.components.items():
        if component.days is not None and component.days[1] > study.cycle_days:
            message = f"{table.where}: component {name}: days end after the cycle"
            raise RuleError(message)
