"""`flask audit verify|anchor|role|new-key|public-key`: prove the audit trail, or say where it is not right."""

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from backend.context import Context  # noqa: TC001 - read at run time by its annotation
from backend.services import audit_anchor
from backend.services.audit_anchor import AnchorError, Anchors
from backend.services.audit_verify import LIMITS, verify_audit
from backend.services.database_role import role_command

audit = AppGroup("audit", help="The audit trail.")

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
# The first ones tell the story; a rewritten chain can have as many as there are streams.
_MOST_SHOWN = 20


@audit.command("verify")
@click.option("--anchors", type=_FOLDER, help="Folder of anchors; default: AUDIT_ANCHOR_DIR.")
@click.option("--public-key", help="The key that anchors must be signed with (base64).")
def verify(anchors: Path | None, public_key: str | None) -> None:
    """Read the whole trail and name the first entry that was altered, removed or moved."""
    here: Context = current_app.extensions["backend"]
    folder = anchors or here.config.audit_anchor_dir
    try:
        known = audit_anchor.read_anchors(folder, public_key) if folder else Anchors({}, 0, None)
    except AnchorError as error:
        raise click.ClickException(str(error)) from error
    found = verify_audit(known.digests)
    click.echo(f"{found.entries} entries in {found.streams} streams")
    if known.newest is None:
        click.echo("no anchors: a chain that was computed anew would not be seen")
    else:
        signed = "signed with the given key" if public_key else "each with its own key (not proof)"
        click.echo(
            f"{known.files} anchors, {signed}, the newest of {known.newest.isoformat()}; "
            f"{found.anchored} anchored places are as they were"
        )
    for fault in found.faults[:_MOST_SHOWN]:
        when = fault.at.isoformat(timespec="milliseconds") if fault.at else "no time left"
        click.echo(
            f"{fault.kind}: {fault.stream} place {fault.seq}, entry {fault.entry_id or 'none'}, "
            f"{when}: {fault.detail}"
        )
    if len(found.faults) > _MOST_SHOWN:
        click.echo(f"and {len(found.faults) - _MOST_SHOWN} more streams")
    click.echo("whole" if not found.faults else "NOT WHOLE; the first fault stands first")
    click.echo("It does not prove:")
    for limit in LIMITS:
        click.echo(f"- {limit}")
    if found.faults:
        raise SystemExit(1)


@audit.command("anchor")
def anchor() -> None:
    """Sign the ends of all chains now; the clock does it every AUDIT_ANCHOR_SECONDS."""
    here: Context = current_app.extensions["backend"]
    folder, key_file = here.config.audit_anchor_dir, here.config.audit_key_file
    if folder is None or key_file is None:
        message = "AUDIT_ANCHOR_DIR and AUDIT_KEY_FILE are not set"
        raise click.ClickException(message)
    try:
        key = audit_anchor.read_key(key_file)
        ends = audit_anchor.anchor(folder, key, study_id=here.study.id, now=here.clock())
    except (AnchorError, FileExistsError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"anchored {ends} streams")


@audit.command("new-key")
@click.argument("file", type=_FILE)
def new_key(file: Path) -> None:
    """Make a signing key in a new FILE and print its public half, which a verifier keeps."""
    try:
        audit_anchor.new_key(file)
    except FileExistsError as error:
        message = f"{file} is there already"
        raise click.ClickException(message) from error
    click.echo(audit_anchor.public_text(audit_anchor.read_key(file).public_key()))


@audit.command("public-key")
@click.argument("file", type=_FILE)
def public_key(file: Path) -> None:
    """Print the public half of the signing key in FILE."""
    try:
        click.echo(audit_anchor.public_text(audit_anchor.read_key(file).public_key()))
    except AnchorError as error:
        raise click.ClickException(str(error)) from error


@audit.command("role")
def role() -> None:
    """Print the createRole command of the role that can add to the trail and not change it."""
    here: Context = current_app.extensions["backend"]
    click.echo(json.dumps(role_command(here.config.mongodb_database), indent=2))
