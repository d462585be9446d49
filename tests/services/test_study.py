"""A study file: what it says is read, and whatever the code would not understand stops the start."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from backend.clinical.rules import RuleError
from backend.models.study import Study
from backend.services.study import is_kept, keep_study, list_versions, load_study, read_version
from tests.clinical.ruleset import ruleset

FILE = Path(__file__).parents[2] / "studies" / "larc-ql1706.toml"
NOW = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)


def load(folder: Path, old: str = "", new: str = "") -> Study:
    """Load the study with one text in its place replaced by another."""
    text = FILE.read_text(encoding="utf-8")
    assert not old or text.count(old) >= 1, old
    changed = folder / "study.toml"
    changed.write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
    return load_study(changed, ruleset())


def test_the_first_study_says_what_the_protocol_says() -> None:
    study = load_study(FILE, ruleset())
    assert study.arms["A"].plan[:4] == ("cycle", "cycle", "radiotherapy", "cycle")
    assert study.arms["B"].plan[:2] == ("radiotherapy", "cycle")
    assert [arm.plan.count("cycle") for arm in study.arms.values()] == [6, 6]
    assert [arm.ratio for arm in study.arms.values()] == [1, 1]
    assert study.strata == ("positive", "negative")
    doses = {name: (part.dose, part.per) for name, part in study.components.items()}
    assert doses["ql1706"] == (5, "kg")
    assert doses["oxaliplatin"] == (130, "m2")
    assert doses["capecitabine"] == (1000, "m2")
    assert study.components["capecitabine"].times_per_day == 2
    assert study.components["capecitabine"].days == (1, 14)
    radiotherapy = study.components["radiotherapy"]
    assert (radiotherapy.dose, radiotherapy.fractions) == (5, 5)
    assert (study.cycle_days, study.safety_window_days) == (21, 30)
    assert {site.zone for site in study.sites.values()} == {"Asia/Shanghai", "Europe/Berlin"}
    assert len(study.diary.plan.daily) == 20


def test_what_is_not_known_of_regorafenib_is_said() -> None:
    assumed = {
        name
        for name, component in load_study(FILE, ruleset()).components.items()
        if component.assumption
    }
    assert assumed == {"regorafenib"}


@pytest.mark.parametrize(
    ("site", "sex", "lln"),
    [("S01", "female", 115), ("S01", "male", 130), ("S01", None, 120), ("S02", "male", 120)],
)
def test_the_narrowest_range_wins(site: str, sex: str | None, lln: int) -> None:
    found = load_study(FILE, ruleset()).range_for(site, "haemoglobin", "g/L", sex)
    assert found is not None
    assert found.lln == Decimal(lln)


def test_a_range_is_for_its_unit_alone() -> None:
    study = load_study(FILE, ruleset())
    assert study.range_for("S01", "haemoglobin", "g/dL") is None
    assert study.range_for("S01", "ketone", "mmol/L") is None


WRONG = [
    ("", "\nsurprise = 1\n", "surprise"),
    ('phase = "II"', "", "phase"),
    ('ctcae = "4.03"', 'ctcae = "5.0"', "ctcae"),
    ('languages = ["en", "zh"]', 'languages = ["en", "fr"]', "languages"),
    ('languages = ["en", "zh"]', "languages = []", "languages"),
    ('strata = ["positive", "negative"]', "", "strata"),
    ('strata = ["positive", "negative"]', 'strata = ["positive", "positive"]', "strata"),
    ("cycle_days = 21", "cycle_days = 21.5", "cycle_days"),
    ("cycle_days = 21", "cycle_days = 7", "after the cycle"),
    ("safety_window_days = 30", "safety_window_days = 0", "safety_window_days"),
    ("safety_window_days = 30", "safety_window_days = 100", "special_interest_window_days"),
    ('arm_seen_by = ["nurse",', 'arm_seen_by = ["patient",', "patient"),
    ("[component.ql1706]", "[component.ql1707]", "ql1707"),
    ('route = "infusion"', 'route = "oral"', "ql1706"),
    ("dose = 5\n", "dose = 0\n", "dose"),
    ('per = "kg"', 'per = "stone"', "per"),
    ("days = [1, 1]", "days = [3, 1]", "days"),
    ("days = [1, 1]", "days = 1", "days"),
    ("days = [1, 1]", "", "days"),
    ("fractions = 5", "", "fractions"),
    ("ratio = 1", "", "ratio"),
    ('plan = ["cycle", "cycle",', 'plan = ["cycle", "rest",', "plan"),
    ("[site.S01]", '[site."hospital 1"]', "hospital 1"),
    ('zone = "Asia/Shanghai"', 'zone = "Asia/Peking"', "zone"),
    ('languages = ["zh", "en"]', 'languages = ["zh", "de"]', "de"),
    ('reminder_at = "19:00"', 'reminder_at = "7 pm"', "reminder_at"),
    ('"diarrhea", "abdominal_pain",', '"diarrhoea", "abdominal_pain",', "diarrhoea"),
    ('weekly = [\n    "constipation",', 'weekly = [\n    "nausea",', "nausea"),
    ("[diary.phase.rest]\nevery_days = 1", "", "phase"),
    ("[diary.phase.rest]", "[diary.phase.rests]", "phase"),
    ("[diary.phase.surgery]\nevery_days = 7", "[diary.phase.surgery]\nevery_days = -7", "every"),
    ("[diary.phase.surgery]", '[diary.phase.surgery]\narms = ["C"]', "arms"),
    ('ask = ["painful_urination",', 'ask = ["painful_singing",', "painful_singing"),
    ('component = "oxaliplatin"', 'component = "aspirin"', "aspirin"),
    ("within_days = 5", "within_days = 0", "within_days"),
    ("remind_again_minutes = [120, 240]", "remind_again_minutes = [240, 120]", "remind_again"),
    ("remind_again_minutes = [120, 240]", "remind_again_minutes = 120", "remind_again"),
    ("close_after_hours = 24", "close_after_hours = 0.5", "close_after"),
    ('vitals = ["temperature",', 'vitals = ["mood",', "mood"),
    ('analyte = "alt"', 'analyte = "sgpt2"', "sgpt2"),
    ('unit = "U/L"', 'unit = "IU/L"', "IU/L"),
    ('unit = "U/L"', 'unit = "g/L"', "g/L"),
    ("uln = 40", "", "lln"),
    ("lln = 135", "lln = 145", "lln"),
    ("uln = 40", 'uln = 40\nsex = "other"', "other"),
    ("uln = 40", 'uln = 40\nsite = "S09"', "S09"),
    ('analyte = "ast"', 'analyte = "alt"', "two ranges"),
    ("uln = 40", 'uln = 40\nfrom = "a book"', "from"),
    ("id = ", "id == ", "study.toml"),
]


@pytest.mark.parametrize(
    ("old", "new", "says"), WRONG, ids=[f"{old}|{new}" for old, new, _ in WRONG]
)
def test_a_wrong_study_does_not_load(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(RuleError, match=says):
        load(tmp_path, old, new)


def test_no_sites_and_no_file_do_not_load(tmp_path: Path) -> None:
    start = FILE.read_text(encoding="utf-8").index("[site.S01]")
    end = FILE.read_text(encoding="utf-8").index("# The diary's plan")
    with pytest.raises(RuleError, match="site"):
        load(tmp_path, FILE.read_text(encoding="utf-8")[start:end], "")
    with pytest.raises(RuleError, match="STUDY_FILE"):
        load_study(tmp_path / "none.toml", ruleset())


def test_a_changed_file_is_a_new_version_and_the_old_one_can_be_read(
    tmp_path: Path,
    database: Database[dict[str, Any]],  # noqa: ARG001 - the database of this process
) -> None:
    study = load_study(FILE, ruleset())
    assert not is_kept(study)
    assert keep_study(FILE, study, now=NOW) is True
    assert keep_study(FILE, study, now=NOW + dt.timedelta(days=1)) is False
    changed = load(tmp_path, "episode_gap_days = 7", "episode_gap_days = 5")
    assert changed.version != study.version
    keep_study(tmp_path / "study.toml", changed, now=NOW + dt.timedelta(days=2))
    assert [version.id for version in list_versions()] == [study.version, changed.version]
    assert read_version(study.version).content == FILE.read_text(encoding="utf-8")
    assert read_version(study.version).loaded_at == NOW
    assert is_kept(changed)


@pytest.mark.parametrize("number", ["nurse", "12", "+86 10; rm", ""])
def test_a_telephone_number_is_one_that_can_be_dialled(tmp_path: Path, number: str) -> None:
    with pytest.raises(RuleError, match="phone"):
        load(tmp_path, '"+86 10 5555 0101"', f'"{number}"')
