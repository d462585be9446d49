"""`flask staff create-admin`: the first account, from the machine itself."""

import sys

import click
import marshmallow as ma
from flask import current_app
from flask.cli import AppGroup

from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.errors import BackendError
from backend.services.staff import create_first_administrator
from schemas.staff import StaffIn

staff = AppGroup("staff", help="Staff accounts.")


@staff.command("create-admin")
@click.argument("email")
@click.option("--name", default="Administrator", show_default=True)
@click.option(
    "--password",
    help="For demos: other users of this machine can see it. Without it, it is asked for, or read "
    "as one line from standard input where that is no terminal.",
)
def create_admin(email: str, name: str, password: str | None) -> None:
    """Make an administrator's account; further accounts are made by the API."""
    typed = _password() if password is None else password
    here: Context = current_app.extensions["backend"]
    account = {"email": email, "password": typed, "name": name, "grants": [_EVERYWHERE]}
    try:
        made = create_first_administrator(StaffIn().load(account), now=here.clock(), ids=here.ids)
    except ma.ValidationError as error:
        raise click.ClickException(str(error.messages)) from error
    except BackendError as error:
        raise click.ClickException(error.detail) from error
    click.echo(f"made the account {made.id}")


_EVERYWHERE = {"role": "administrator", "site": None}


def _password() -> str:
    if sys.stdin.isatty():
        asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return asked
    return sys.stdin.readline().rstrip("\r\n")
