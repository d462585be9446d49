"""`flask rules`: the rule set for people to read."""

import datetime as dt
from pathlib import Path

import click
from flask.cli import AppGroup

from backend.clinical.handbook import write_handbook
from backend.clinical.rules import load_ruleset
from backend.errors import NotFound
from backend.models.ruleset import known_versions
from backend.services.ruleset import compare_rules, replay

SHOWN = 50

rules = AppGroup("rules", help="The clinical rules.")


@rules.command("handbook")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def handbook(file: Path) -> None:
    """Write every rule with its criteria, source, mark and version to FILE, as Markdown."""
    file.write_text(write_handbook(load_ruleset()), encoding="utf-8")


@rules.command("versions")
def list_versions() -> None:
    """List every rule set that was in force here."""
    for version, loaded_at in known_versions():
        click.echo(f"{version}  {loaded_at.isoformat()}")


@rules.command("diff")
@click.argument("first")
@click.argument("second")
def diff(first: str, second: str) -> None:
    """Say how the stored rule sets FIRST and SECOND differ."""
    try:
        for line in compare_rules(first, second):
            click.echo(line)
    except NotFound as error:
        raise click.ClickException(error.detail) from error


@rules.command("replay")
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), help="first day")
def replay_(since: dt.datetime) -> None:
    """Say which stored days would come out otherwise by the rules in force; change nothing."""
    report = replay(load_ruleset(), since=since.date())
    click.echo(f"{report.read} days read, {len(report.changed)} would change")
    for what, count in report.counts.most_common():
        click.echo(f"{count:8}  {what}")
    for day in report.changed[:SHOWN]:
        click.echo(
            f"{day.subject_id} {day.day} {day.ruleset_version} assessment {day.assessment_id}"
        )
    if len(report.changed) > SHOWN:
        click.echo(f"and {len(report.changed) - SHOWN} more")
