"""Ask for an export, see how far it is, and fetch what it made: each for whoever asked alone."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from backend import access
from backend.access import Actor
from backend.db import transaction
from backend.errors import Fault, Forbidden, InvalidInput, NotFound
from backend.exports.makers import LISTING, PACKAGE, listing_called
from backend.listings.selection import EVERYTHING, Selection
from backend.models import export as exports
from backend.models.audit import AuditEntry, append
from backend.models.export import COMPLETE, WAITING, ExportFile, ExportRecord
from backend.models.study import Study
from backend.services.data_cut import frame_of
from backend.services.unblinding import unblind


@dataclass(frozen=True, slots=True)
class NewExport:
    """An export as asked for; a `reason` asks for the arms."""

    kind: str
    listing: str | None
    format: str
    cut: str | None
    reason: str | None
    selection: Selection = EVERYTHING


def ask_for_export(
    new: NewExport,
    *,
    actor: Actor,
    study: Study,
    now: dt.datetime,
    ids: Callable[[], str],
) -> ExportRecord:
    """Ask for a listing of any length, or for the package of a data cut; the clock makes it.

    Raises:
        Forbidden: the actor may not read this listing, or no arm where a reason is given.
        InvalidInput: a package without a data cut.
        NotFound: there is no such cut, or it is not complete.
    """
    if new.kind == LISTING:
        if access.scope(actor, listing_called(str(new.listing)).action) == access.Scope():
            raise Forbidden
    elif new.cut is None:
        raise InvalidInput(faults=(Fault("/cut", "a package is made of a data cut"),))
    frame_of(new.cut, now=now)
    export = ExportRecord(
        id=ids(),
        kind=new.kind,
        listing=new.listing if new.kind == LISTING else None,
        format="zip" if new.kind == PACKAGE else new.format,
        query=new.selection.stored(),
        cut=new.cut,
        unblinded=new.reason is not None,
        asked_at=now,
        asked_by=actor.id,
        state=WAITING,
        grants=actor.grants,
    )
    if new.reason is not None:
        target = f"export/{export.id}"
        unblind(target, new.reason, actor=actor, study=study, now=now, ids=ids)
    entry = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action="export:ask",
        target=f"export/{export.id}",
        details={"kind": export.kind, "listing": export.listing, "cut": export.cut},
    )

    def story(session: ClientSession) -> None:
        exports.insert_export(export, session=session)
        append(entry, session=session)

    transaction(story)
    return export


def list_exports(*, actor: Actor) -> tuple[ExportRecord, ...]:
    """Give what the actor asked for, the newest first."""
    return exports.exports_of(actor.id)


def read_export(export_id: str, *, actor: Actor) -> ExportRecord:
    """Give one export and how far it is.

    Raises:
        NotFound: there is none, or somebody else asked for it.
        Forbidden: a grant under which it was asked for is held no more: its files are of that leave.
    """
    found = exports.find_export(export_id)
    if found is None or found.asked_by != actor.id:
        raise NotFound
    if not set(found.grants) <= set(actor.grants):
        raise Forbidden
    return found


def fetch_file(
    export_id: str, name: str, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> tuple[ExportFile, Iterator[bytes]]:
    """Give a finished file and its bytes, part by part; who fetched it goes to the audit trail.

    Raises:
        NotFound, Forbidden: as `read_export`; or the file is not finished.
    """
    export = read_export(export_id, actor=actor)
    file = next((file for file in export.files if file.name == name), None)
    if file is None:
        raise NotFound
    _note(export, name, actor, now, ids)
    return file, exports.parts_of(export.id, name)


def fetch_all(
    export_id: str, *, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> tuple[tuple[ExportFile, Iterator[bytes]], ...]:
    """Give every file of a complete export with its bytes.

    Raises:
        NotFound, Forbidden: as `read_export`; or the export is not complete.
    """
    export = read_export(export_id, actor=actor)
    if export.state != COMPLETE:
        raise NotFound
    _note(export, "all", actor, now, ids)
    return tuple((file, exports.parts_of(export.id, file.name)) for file in export.files)


def _note(
    export: ExportRecord, name: str, actor: Actor, now: dt.datetime, ids: Callable[[], str]
) -> None:
    fetched = AuditEntry(
        id=ids(),
        at=now,
        actor_id=actor.id,
        action="export:fetch",
        target=f"export/{export.id}",
        details={"file": name, "label": "unblinded" if export.unblinded else "blinded"},
    )
    transaction(lambda session: append(fetched, session=session))
