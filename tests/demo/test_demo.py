"""The demo seeds a system once, keeps its data, and says so when it was cut off half-way."""

import os
import re
import subprocess
import sys
from pathlib import Path

from backend.embedded import free_port

_ACCOUNT = re.compile(r"^  (\S+@demo\.example) +(\S{16}) +\S", re.MULTILINE)


def demo(var: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MONGODB")}
    return subprocess.run(
        [
            *(sys.executable, "-m", "backend.demo", "--no-wait"),
            *("--subjects", "2", "--weeks", "1", "--var", str(var)),
        ],
        env={**kept, "PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_it_seeds_once_and_keeps_its_data(tmp_path: Path) -> None:
    first = demo(tmp_path)
    assert first.returncode == 0, first.stderr
    accounts = dict(_ACCOUNT.findall(first.stdout))
    roles = {"nurse.s01", "investigator.s02", "safety.reviewer", "data.manager", "administrator"}
    assert roles <= {email.partition("@")[0] for email in accounts}
    assert "diaries of 2 subjects" in first.stdout
    second = demo(tmp_path)
    assert second.returncode == 0, second.stderr
    assert dict(_ACCOUNT.findall(second.stdout)) == accounts
    assert "diaries of" not in second.stdout


def test_a_seeding_that_was_cut_off_is_not_taken_for_whole(tmp_path: Path) -> None:
    (tmp_path / "demo.begun").touch()
    refused = demo(tmp_path)
    assert refused.returncode == 2
    assert "cut off" in refused.stderr
