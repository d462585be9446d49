"""`flask staff create-admin`: the first account, from the machine itself."""

import click
from flask import current_app
from flask.cli import AppGroup

from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.errors import BackendError
from backend.services.staff import create_first_administrator

SHORTEST_PASSWORD = 12

staff = AppGroup("staff", help="Staff accounts.")


@staff.command("create-admin")
@click.argument("email")
@click.option("--name", default="Administrator", show_default=True)
@click.password_option(help="Asked for, or read from standard input where that is no terminal.")
def create_admin(email: str, name: str, password: str) -> None:
    """Make an administrator's account; further accounts are made by the API."""
    if len(password) < SHORTEST_PASSWORD:
        message = f"a password has at least {SHORTEST_PASSWORD} characters"
        raise click.ClickException(message)
    here: Context = current_app.extensions["backend"]
    try:
        made = create_first_administrator(email, password, name, now=here.clock(), ids=here.ids)
    except BackendError as error:
        raise click.ClickException(error.detail) from error
    click.echo(f"made the account {made.id}")
