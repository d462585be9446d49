"""`flask cuts verify`: prove that a data cut is as it was written."""

import click
from flask.cli import AppGroup

from backend.errors import NotFound
from backend.services.data_cut import verify_cut

cuts = AppGroup("cuts", help="Data cuts.")


@cuts.command("verify")
@click.argument("cut")
def verify(cut: str) -> None:
    """Read the copies of CUT again and name each collection that is not as it was written.

    It proves nothing against whoever can also write the digests: keep those of a cut that counts
    outside of the database.
    """
    try:
        differences = verify_cut(cut)
    except NotFound as error:
        message = f"there is no complete data cut {cut}"
        raise click.ClickException(message) from error
    for found in differences:
        click.echo(f"{found.collection}: expected {found.expected}, found {found.found}")
    if differences:
        raise SystemExit(1)
    click.echo("every copy is as it was written")
