"""`flask vault shred|rewrap`: forget who a subject is; change the master key while everything runs."""

import click
from flask import current_app
from flask.cli import AppGroup

from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.errors import BackendError
from backend.services.shredding import shred_subject
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


@vault.command("rewrap")
def rewrap() -> None:
    """Wrap all data keys by ENCRYPTION_KEY; afterwards ENCRYPTION_KEY_PREVIOUS can go."""
    click.echo(f"wrapped {keys().wrap_again()} keys anew")
