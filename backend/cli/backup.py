"""`flask backup FILE`, `flask backup verify|drill|new-key`: what is stored, sealed, and proven to come back."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.files.dump import Manifest
from backend.files.pem import UnusableFileError
from backend.files.sealed import fingerprint
from backend.files.sealed import new_key as make_key
from backend.models.raw import NoViewError
from backend.services.backup import make_backup, read_backup
from backend.services.backup_key import public_pem, read_private, read_public
from backend.services.drill import run_drill
from backend.services.restore import RestoreError

_FILE = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FAULTS = (UnusableFileError, NoViewError, RestoreError)


class _Backup(AppGroup):
    """Takes what is no command for the file of a new backup."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the usual command before a file."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["make", *args]
        return super().parse_args(ctx, args)


backup = _Backup("backup", help="Backups: FILE makes one.")


@backup.command("make")
@click.argument("file", type=_FILE)
def make(file: Path) -> None:
    """Write all that is stored now into the new FILE, for the key in BACKUP_PUBLIC_KEY_FILE."""
    here: Context = current_app.extensions["backend"]
    if here.config.backup_public_key_file is None:
        message = "BACKUP_PUBLIC_KEY_FILE is not set: `flask backup new-key FILE` makes a key"
        raise click.ClickException(message)
    try:
        recipient = read_public(here.config.backup_public_key_file)
        manifest = make_backup(
            file, recipient, study_id=here.study.id, clock=here.clock, ids=here.ids
        )
    except FileExistsError as error:
        message = f"{file} is there already"
        raise click.ClickException(message) from error
    except _FAULTS as error:
        raise click.ClickException(str(error)) from error
    tell(manifest)
    click.echo(f"{file.stat().st_size} bytes in {file.name}, for the key {fingerprint(recipient)}")


@backup.command("verify")
@click.argument("file", type=_THERE)
@click.option("--key", type=_THERE, required=True, help="The private key, as a file.")
@click.option("--manifest", help="The manifest's SHA-256 as the backup printed it.")
def verify(file: Path, key: Path, manifest: str | None) -> None:
    """Read FILE to its end and prove that it is whole and as it was written."""
    try:
        tell(read_backup(file, read_private(key), manifest))
    except _FAULTS as error:
        raise click.ClickException(str(error)) from error
    click.echo("whole" if manifest else "whole; by whom it was made is not proven (--manifest)")


@backup.command("drill")
@click.option("--folder", type=_FOLDER, default=".", help="Where the file is for a while.")
def drill(folder: Path) -> None:
    """Back up, restore into a database beside, compare each row, drop it, and say how long it took."""
    here: Context = current_app.extensions["backend"]
    try:
        found = run_drill(folder, study_id=here.study.id, clock=here.clock, ids=here.ids)
    except _FAULTS as error:
        raise click.ClickException(str(error)) from error
    tell(found.manifest)
    click.echo(f"backed up in {found.backup_seconds:.1f} s, {found.size} bytes of file")
    click.echo(f"restored and compared in {found.restore_seconds:.1f} s, no differences")


@backup.command("new-key")
@click.argument("file", type=_FILE)
def new_key(file: Path) -> None:
    """Make a private key in a new FILE and print the public one; keep FILE off this machine."""
    try:
        key = make_key(file)
    except FileExistsError as error:
        message = f"{file} is there already"
        raise click.ClickException(message) from error
    click.echo(public_pem(key.public_key()), nl=False)


def tell(manifest: Manifest) -> None:
    """Say what a backup holds."""
    for name, held in manifest.collections.items():
        click.echo(f"{held.documents:>10} {name}")
    click.echo(f"{manifest.documents:>10} documents, {manifest.size} bytes")
    click.echo(f"manifest {manifest.sha256}")
