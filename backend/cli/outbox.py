"""`flask outbox held|release`: what a restored database owes, looked at before it is sent."""

import click
from flask import current_app
from flask.cli import AppGroup

from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.services.outbox_hold import ALL, NOTHING, URGENT, held_by_kind, release_outbox

outbox = AppGroup("outbox", help="Messages that are owed.")

_NOT_HELD = "nothing is held back"


@outbox.command("held")
def held() -> None:
    """Count what is held back, by kind and tier."""
    found = held_by_kind()
    if found is None:
        click.echo(_NOT_HELD)
        return
    for name, count in sorted(found.items()):
        click.echo(f"{count:>10} {name}")
    click.echo(f"{sum(found.values()):>10} messages are held back until `flask outbox release`")


@outbox.command("release")
@click.option(
    "--send",
    type=click.Choice([URGENT, ALL, NOTHING]),
    default=URGENT,
    show_default=True,
    help="What of it is sent: what rings, all, or nothing; the rest never is.",
)
@click.option("--reason", required=True, help="Why so; it goes to the audit trail.")
def release(send: str, reason: str) -> None:
    """Let messages go again; what was written since the restore is sent in any case."""
    here: Context = current_app.extensions["backend"]
    found = release_outbox(send, reason, now=here.clock(), ids=here.ids)
    if found is None:
        click.echo(_NOT_HELD)
        return
    click.echo(f"let {found.let_go} messages go, withdrew {found.withdrawn}")
