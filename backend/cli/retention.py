"""`flask retention due`: what the clock would remove now, and what nothing removes."""

import click
from flask import current_app
from flask.cli import AppGroup

from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.services.retention import EXPORTS_KEPT, what_is_due

retention = AppGroup("retention", help="How long what is kept.")


@retention.command("due")
def due() -> None:
    """Count what each rule would let go now; nothing is changed."""
    here: Context = current_app.extensions["backend"]
    for one in what_is_due(here.study, now=here.clock()):
        click.echo(f"{one.count:>10} {one.name:<16} {one.kept}")
    click.echo(
        f"{'':>10} {'exports':<16} exports: {EXPORTS_KEPT.days} days after they were asked for"
    )
    click.echo(
        f"{'':>10} {'attempts':<16} counts of attempts: removed by the database when they end"
    )
    years = here.study.retention.records_years
    click.echo(
        f"{'':>10} {'records':<16} the trial's record, the audit trail with it: {years} years after "
        "the end; never removed by this system"
    )
