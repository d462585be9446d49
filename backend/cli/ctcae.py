"""`flask ctcae import`: show a site's own official CTCAE texts beside our words."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.services.ctcae_import import NotTheTableError, import_official

ctcae = AppGroup("ctcae", help="The CTCAE v4.03 catalogue.")


@ctcae.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Store the texts of FILE, the official NCI table as xls, xlsx or csv."""
    here: Context = current_app.extensions["backend"]
    try:
        count = import_official(file, here.ruleset.catalogue)
    except NotTheTableError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"stored the official texts of {count} terms")
