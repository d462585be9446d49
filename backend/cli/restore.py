"""`flask restore FILE`: a backup into an empty database, compared row by row."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from backend.cli.backup import tell
from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.files.pem import UnusableFileError
from backend.services.backup_key import read_private
from backend.services.restore import RestoreError, restore_backup

_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("restore")
@click.argument("file", type=_THERE)
@click.option("--key", type=_THERE, required=True, help="The private key, as a file.")
@click.option("--manifest", help="The manifest's SHA-256 as the backup printed it.")
@click.option("--again", is_flag=True, help="After a restore that was cut off: remove it first.")
@with_appcontext
def restore(file: Path, key: Path, manifest: str | None, *, again: bool) -> None:
    """Fill the database that MONGODB_DATABASE names, which must be empty, from FILE."""
    here: Context = current_app.extensions["backend"]
    try:
        done = restore_backup(
            file,
            read_private(key),
            expected=manifest,
            again=again,
            clock=here.clock,
            ids=here.ids,
        )
    except (UnusableFileError, RestoreError) as error:
        raise click.ClickException(str(error)) from error
    tell(done.manifest)
    click.echo("every document is as it is in the backup")
    click.echo(f"ended {done.sign_ins} sign-ins and {done.codes} activation codes; phones stay")
    click.echo(
        "Now: python -m backend.migrate; then `flask outbox held` and `flask outbox release`"
    )
