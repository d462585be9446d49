"""The lock: a changed rule has a new version, a comment has not, and the lock is up to date."""

import json
import shutil
from pathlib import Path

import pytest

from backend.clinical import lock
from backend.clinical.rules import DATA, load_ruleset
from backend.clinical.versions import content_hashes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def test_the_lock_knows_every_rule_as_it_is() -> None:
    assert lock.read_lock() == lock.renew_lock(), "run: python -m backend.clinical.lock"
    unlocked = [rule.id for rule in load_ruleset().gradings.values() if rule.version[:2] == "0-"]
    assert unlocked == []


def change(folder: Path) -> None:
    file = folder / "ctcae-4.03" / "fever.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("38.0", "38.1"), encoding="utf-8")


def test_a_changed_limit_is_a_new_version(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock.main(folder)
    capsys.readouterr()
    before = load_ruleset(folder)
    change(folder)
    after = load_ruleset(folder)
    assert after.version != before.version
    assert after.gradings["fever"].version.startswith("0-")
    assert after.gradings["headache"].version == before.gradings["headache"].version
    lock.main(folder)
    assert capsys.readouterr().out == "ctcae-4.03/fever\n"
    number = int(before.gradings["fever"].version.partition("-")[0])
    assert load_ruleset(folder).gradings["fever"].version.startswith(f"{number + 1}-")
    lock.main(folder)
    assert capsys.readouterr().out == "nothing changed\n"


def test_a_comment_and_another_way_to_write_a_number_change_nothing(folder: Path) -> None:
    file = folder / "ctcae-4.03" / "hypermagnesemia.toml"
    before = content_hashes(folder)
    text = file.read_text(encoding="utf-8")
    file.write_text("# a comment\n" + text.replace("1.24", "1.240"), encoding="utf-8")
    assert content_hashes(folder) == before


def test_without_a_lock_every_rule_is_version_0(folder: Path) -> None:
    (folder / "rules.lock.json").unlink()
    assert {rule.version[:2] for rule in load_ruleset(folder).gradings.values()} == {"0-"}
    assert lock.read_lock(folder) == {}
    assert {entry["version"] for entry in lock.renew_lock(folder).values()} == {1}


def test_the_lock_is_readable_json() -> None:
    entries = json.loads((DATA / "rules.lock.json").read_text(encoding="utf-8"))
    assert set(entries["pro-composite.csv"]) == {"version", "hash"}
