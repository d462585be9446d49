"""`pytest --evidence FILE`: write down which of the named tests passed, and on which commit.

A second run on the same commit (the pages' tests run by themselves) is added to the first.
"""

import datetime as dt
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.compliance.requirements import ROOT, load_standards

# The worse of two: a test of many parameters has passed when each has.
_ORDER = ("passed", "xfailed", "skipped", "failed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the file's name."""
    parser.addoption("--evidence", type=Path, help="JSON file of what passed, on which commit")


def pytest_configure(config: pytest.Config) -> None:
    """Watch the run, in its controlling process alone."""
    path: Path | None = config.getoption("--evidence")
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Evidence(path))


class Evidence:
    """What was seen of the named tests."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.named = {
            test
            for standard in load_standards()
            for row in standard.requirements
            for test in row.tests
        }
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst outcome of each test over its parameters and phases."""
        test = report.nodeid.split("[", 1)[0]
        if test not in self.named or (report.when != "call" and report.passed):
            return
        outcome = "xfailed" if report.skipped and hasattr(report, "wasxfail") else report.outcome
        known = self.outcomes.get(test, outcome)
        self.outcomes[test] = max(known, outcome, key=_ORDER.index)

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        commit, clean = _commit()
        before: dict[str, Any] = {}
        if self.path.exists():
            before = json.loads(self.path.read_text(encoding="utf-8"))
        same = (before.get("commit"), before.get("clean")) == (commit, clean)
        tests = {**(before["tests"] if same else {}), **self.outcomes}
        told = {
            "commit": commit,
            "clean": clean,
            "at": dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds"),
            "database": next(
                (
                    f"the one of {name}"
                    for name in ("MONGODB_URI", "MONGOD")
                    if os.environ.get(name)
                ),
                "the embedded server",
            ),
            "tests": dict(sorted(tests.items())),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _commit() -> tuple[str, bool]:
    def ask(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607 - the developer's git
        return done.stdout.strip()

    try:
        changed = ask(
            "status", "--porcelain", "--", ".", ":!docs/compliance.md", ":!docs/compliance"
        )
        return ask("rev-parse", "HEAD"), not changed
    except (OSError, subprocess.CalledProcessError):
        return "unknown", False
