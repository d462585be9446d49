"""Requirements, Procfile, CI and the script of commands agree with each other and with the code."""

import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)(?:\[[a-z0-9,-]+\])?==(\S+) \\$", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Give the package versions of one requirements file."""
    return dict(PIN.findall((ROOT / name).read_text(encoding="utf-8")))


def declared() -> tuple[set[str], set[str]]:
    """Give the names that pyproject.toml lists: what runs, what checks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return (
        {re.split(r"[=<>~! \[]", line)[0] for line in project["dependencies"]},
        {re.split(r"[=<>~! \[]", line)[0] for line in project["optional-dependencies"]["dev"]},
    )


def test_every_package_of_pyproject_is_pinned() -> None:
    runs, checks = declared()
    assert runs <= pins("requirements.txt").keys()
    assert runs | checks <= pins("requirements-dev.txt").keys()


def test_both_files_pin_the_same_versions() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes_and_no_line_names_a_place(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert len(pins(name)) > 30
    for line in lines:
        assert re.fullmatch(r"(#| +#).*|\S+==\S+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?|", line), (
            line
        )
        assert "://" not in line
    for number, line in enumerate(lines):
        if line.endswith(" \\") and "==" in line:
            assert "--hash=sha256:" in lines[number + 1]


def test_the_processes_of_the_procfile_exist() -> None:
    processes = dict(
        line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    )
    assert processes.keys() == {"release", "web", "clock"}
    for command in (processes["release"], processes["clock"]):
        module = command.removeprefix("python -m ")
        assert importlib.util.find_spec(module) is not None, module
    assert processes["web"].split()[-1] == "wsgi:app"
    assert (ROOT / "wsgi.py").exists()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert ci[-1] == "exec ./run test"
    assert "\n./run test " in readme


def test_run_explains_itself_and_refuses_what_it_does_not_know() -> None:
    told = subprocess.run(["./run"], cwd=ROOT, check=True, capture_output=True, text=True)
    assert {"demo", "serve", "test", "check", "audit", "sbom", "lock"} <= set(
        re.findall(r"^  ./run (\w+)", told.stdout, re.MULTILINE)
    )
    unknown = subprocess.run(["./run", "fly"], cwd=ROOT, check=False, capture_output=True)
    assert unknown.returncode == 2


def test_tests_named_in_the_database_document_exist() -> None:
    text = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/\S+?\.py)::(\w+)`", text))
    assert len(named) > 30
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_every_defect_is_in_the_database_document() -> None:
    text = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
    source = (ROOT / "tests" / "database" / "test_defects.py").read_text(encoding="utf-8")
    for test in re.findall(r"^def (test_\w+)\(", source, re.MULTILINE):
        assert f"tests/database/test_defects.py::{test}" in text
