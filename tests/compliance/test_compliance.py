"""The traceability table can fail: tests it names exist, statuses are honest, the document is the made one."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.compliance.document import named_tests, write_document
from tests.compliance.generate import DOCUMENT, kept_evidence
from tests.compliance.plugin import Evidence
from tests.compliance.requirements import (
    NOT_APPLICABLE,
    ROOT,
    SHOWN,
    TO_BE_SHOWN,
    Requirement,
    RequirementError,
    Standard,
    load_standards,
)

STANDARDS = load_standards()
ROWS = [row for standard in STANDARDS for row in standard.requirements]


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_test_and_document_that_is_named_exists() -> None:
    named = named_tests(STANDARDS)
    assert len(named) > 100
    for test in named:
        file, name = test.split("::")
        assert (ROOT / file).is_file(), file
        assert name.startswith("test_")
        assert name in names_in(file), test
    for row in ROWS:
        for document in row.documents:
            assert (ROOT / document).exists(), document


def test_every_requirement_is_there_once() -> None:
    part11, e6, asvs = ([id_ for row in one.requirements for id_ in row.ids] for one in STANDARDS)
    for ids in (part11, e6, asvs):
        assert len(set(ids)) == len(ids)
    # ASVS 5.0.0 has 70 requirements of level 1 and 183 more of level 2.
    assert len(asvs) == 253
    assert {id_.split(".")[0] for id_ in asvs} == {str(chapter) for chapter in range(1, 18)}
    assert {f"11.10({letter})" for letter in "abcdefghijk"} <= set(part11)
    assert {f"11.300({letter})" for letter in "abcde"} <= set(part11)
    assert {"11.30", "11.50(a)", "11.50(b)", "11.70", "11.100(a)", "11.200(a)"} <= set(part11)
    assert {f"4.2.{number}" for number in range(3, 9)} <= set(e6)
    assert {id_[:5] for id_ in e6 if id_.startswith("4.3")} == {f"4.3.{n}" for n in range(1, 9)}


def test_nothing_without_a_test_is_called_shown() -> None:
    for row in ROWS:
        assert (row.status in {SHOWN, "shown in part"}) == bool(row.tests and not row.not_met)
    empty = Requirement(("1",), "a thing", how="in words alone")
    assert empty.status == TO_BE_SHOWN
    assert Requirement(("1",), "a thing", why_not="no such thing here").status == NOT_APPLICABLE


def test_what_is_not_shown_is_counted() -> None:
    rows = (
        Requirement(("1", "2"), "to do"),
        Requirement(("3",), "done", tests=("tests/x.py::test_x", "tests/x.py::test_y")),
        Requirement(("4",), "half", tests=("tests/x.py::test_x",), missing="the other half"),
        Requirement(("5",), "theirs", duty=("site",), site="do it"),
    )
    evidence = {
        "commit": "0123456789abcdef",
        "clean": False,
        "at": "2026-01-01T00:00:00+00:00",
        "database": "the embedded server",
        "tests": {"tests/x.py::test_x": "failed"},
    }
    told = write_document((Standard("A standard", "a book", rows),), evidence)
    assert "of 2 tests named here 0 passed, 1 did not, 1 were not in it" in told
    assert "commit `0123456789ab` **with changes that were not committed**" in told
    assert "| A standard | 1 | 1 | 2 | 0 | 0 | 1 | 0 | 5 |" in told
    assert "`tests/x.py::test_x` (failed)" in told
    assert "`tests/x.py::test_y` (not run)" in told
    assert "shown in part; missing: the other half" in told


@pytest.mark.parametrize(
    "row",
    [
        'ids = ["1"]\nsays = "a"\nduty = ["nobody"]',
        'ids = ["1"]\nsays = "a"\nwhy_not = "b"\ntests = ["tests/x.py::test_x"]',
        'ids = ["1"]\nsays = "a"\nmissing = "b"',
        'ids = ["1"]\nsays = "a"\nduty = ["site"]',
        'ids = ["1"]\nsays = "a"\nhwo = "b"',
    ],
)
def test_a_row_that_contradicts_itself_does_not_load(tmp_path: Path, row: str) -> None:
    (tmp_path / "part11.toml").write_text(f'title = "t"\nsource = "s"\n[[requirement]]\n{row}\n')
    with pytest.raises(RequirementError, match="1"):
        load_standards(tmp_path)


def test_the_document_is_what_the_tables_say() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    told = "run: python -m tests.compliance.generate"
    assert written == write_document(STANDARDS, kept_evidence()), told


def test_a_run_leaves_its_evidence(tmp_path: Path) -> None:
    # Of two parameters: it has passed when each has.
    test = "tests/docs/test_tools.py::test_every_pin_has_hashes_and_no_line_names_a_place"
    path = tmp_path / "evidence.json"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--evidence"]
    done = subprocess.run(
        [*command, str(path), test], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    first = json.loads(path.read_text(encoding="utf-8"))
    assert first["tests"] == {test: "passed"}
    assert len(first["commit"]) in {40, len("unknown")}
    # A second run on the same commit adds to it; on another one it begins anew.
    path.write_text(json.dumps({**first, "tests": {"tests/x.py::test_x": "passed"}}))
    again = Evidence(path)
    again.outcomes = {test: "failed"}
    again.pytest_sessionfinish()
    both = json.loads(path.read_text(encoding="utf-8"))
    assert both["tests"] == {test: "failed", "tests/x.py::test_x": "passed"}
    path.write_text(json.dumps({**both, "commit": "another"}))
    again.pytest_sessionfinish()
    assert json.loads(path.read_text(encoding="utf-8"))["tests"] == {test: "failed"}
