"""`flask rules`: the rule set for people to read."""

from pathlib import Path

import click
from flask.cli import AppGroup

from backend.clinical.handbook import write_handbook
from backend.clinical.rules import load_ruleset

rules = AppGroup("rules", help="The clinical rules.")


@rules.command("handbook")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def handbook(file: Path) -> None:
    """Write every rule with its criteria, source, mark and version to FILE, as Markdown."""
    file.write_text(write_handbook(load_ruleset()), encoding="utf-8")
