"""`flask rules`: the rule set for people to read."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import TextIO

import click
from flask.cli import AppGroup

from backend.clinical.handbook import write_handbook
from backend.clinical.rules import load_ruleset
from backend.errors import NotFound
from backend.models.ruleset import known_versions
from backend.services.ruleset import Replayed, compare_rules, replay

SHOWN = 50

rules = AppGroup("rules", help="The clinical rules.")
# What of it needs no database.
pure_rules = AppGroup("rules", help="The clinical rules; more with a database.")


@rules.command("handbook")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def handbook(file: Path) -> None:
    """Write every rule with its criteria, source, mark and version to FILE, as Markdown."""
    file.write_text(write_handbook(load_ruleset()), encoding="utf-8")


pure_rules.add_command(handbook)


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
@click.option(
    "--to", "target", type=click.File("w", encoding="utf-8"), help="write each change as JSON line"
)
def replay_(since: dt.datetime, target: TextIO | None) -> None:
    """Say what would come out otherwise by the rules in force; change nothing.

    Grades, flags and alerts of every stored assessment are made again and compared.
    """
    read = changed = judged = 0
    counts: Counter[str] = Counter()
    shown: list[Replayed] = []
    for day in replay(load_ruleset(), since=since.date()):
        read += 1
        if not day:
            continue
        changed += 1
        judged += day.judged
        counts.update(day.kinds())
        if len(shown) < SHOWN:
            shown.append(day)
        if target is not None:
            target.write(json.dumps(_line(day), ensure_ascii=False) + "\n")
    click.echo(f"{read} days read, {changed} would change")
    click.echo(f"{judged} of them in events that a clinician has judged; those judgements stay")
    for what, count in counts.most_common():
        click.echo(f"{count:8}  {what}")
    for day in shown:
        click.echo(
            f"{day.subject_id} {day.day} {day.ruleset_version} assessment {day.assessment_id}"
        )
    if changed > len(shown):
        click.echo(f"and {changed - len(shown)} more; --to FILE has them all")


def _line(day: Replayed) -> dict[str, object]:
    return {
        "assessment": day.assessment_id,
        "subject": day.subject_id,
        "day": day.day.isoformat(),
        "ruleset": day.ruleset_version,
        "judged": day.judged,
        "changes": list(day.kinds()),
    }
