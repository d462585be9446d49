"""`flask instruments import`: show the official PRO-CTCAE texts beside our own questions."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.services.instrument_import import NotATextPackError, import_texts

instruments = AppGroup("instruments", help="What the diary asks.")


@instruments.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Store the texts of FILE, a CSV with the columns item_code, language and text.

    The official instrument has its own terms of use; its texts are the study's to load.
    """
    here: Context = current_app.extensions["backend"]
    try:
        counts = import_texts(file, here.ruleset, now=here.clock())
    except NotATextPackError as error:
        raise click.ClickException(str(error)) from error
    for language, count in counts.items():
        click.echo(f"stored {count} official texts in {language}")
