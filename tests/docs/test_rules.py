"""docs/rules.md is what the rules say now."""

from pathlib import Path

from backend.clinical.handbook import write_handbook
from backend.clinical.rules import load_ruleset

ROOT = Path(__file__).parent.parent.parent


def test_the_handbook_is_what_the_rules_say() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == write_handbook(load_ruleset()), "run: flask rules handbook docs/rules.md"
