"""`flask vault shred|shredded|shred-again|rewrap`: forget who a subject is; change the master key."""

import datetime as dt
import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.errors import BackendError
from backend.models.private_text import ShreddedSubject, shredded_subjects
from backend.services.shredding import shred_again, shred_subject
from backend.vault import vault as keys

vault = AppGroup("vault", help="Contact data and free text.")


@vault.command("shred")
@click.argument("subject")
@click.option("--reason", required=True, help="Why; it goes to the audit trail.")
@click.confirmation_option(prompt="Nobody can undo this. Go on?")
def shred(subject: str, reason: str) -> None:
    """Destroy the key of SUBJECT: contact data, free text and photos are gone, clinical data stays."""
    here: Context = current_app.extensions["backend"]
    try:
        gone = shred_subject(subject, reason, now=here.clock(), ids=here.ids)
    except BackendError as error:
        raise click.ClickException(error.detail or "there is no such subject") from error
    click.echo(f"shredded {subject}: {gone.texts} texts are gone, and {gone.photos} photos")


@vault.command("shredded")
def shredded() -> None:
    """Print every shredded subject, a JSON line each: keep it apart from the backups.

    A backup that is older than a shredding knows nothing of it: after its restore give this list to
    `flask vault shred-again`.
    """
    for one in shredded_subjects():
        row = {"subject": one.id, "at": one.at.isoformat(), "by": one.by, "reason": one.reason}
        click.echo(json.dumps(row, ensure_ascii=False))


@vault.command("shred-again")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def again(file: Path) -> None:
    """Shred every subject of FILE, as `flask vault shredded` printed it; safe to repeat."""
    here: Context = current_app.extensions["backend"]
    try:
        known = [_read(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    except (ValueError, KeyError, TypeError) as error:
        message = f"{file} is not what `flask vault shredded` prints; nothing was shredded"
        raise click.ClickException(message) from error
    done = shred_again(known, now=here.clock(), ids=here.ids)
    click.echo(f"shredded {done.shredded} subjects; {len(known) - done.shredded} needed nothing")
    for number in done.absent:
        click.echo(f"not in this database: {number}")


def _read(line: str) -> ShreddedSubject:
    row = json.loads(line)
    at = dt.datetime.fromisoformat(row["at"])
    return ShreddedSubject(str(row["subject"]), at, str(row["by"]), str(row["reason"]))


@vault.command("rewrap")
def rewrap() -> None:
    """Wrap all data keys by ENCRYPTION_KEY; afterwards ENCRYPTION_KEY_PREVIOUS can go."""
    click.echo(f"wrapped {keys().wrap_again()} keys anew")
