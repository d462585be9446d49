"""`flask study load`: check a study file and keep its version for good."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from backend.clinical.document import RuleError
from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.services.study import keep_study, load_study

study = AppGroup("study", help="The study's configuration.")


@study.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Check FILE and store its version; a process uses it once STUDY_FILE names it."""
    here: Context = current_app.extensions["backend"]
    try:
        found = load_study(file, here.ruleset)
    except RuleError as error:
        raise click.ClickException(str(error)) from error
    new = keep_study(file, found, now=here.clock())
    click.echo(f"{found.id} version {found.version}: {'stored' if new else 'known already'}")
