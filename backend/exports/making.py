"""Make the exports that were asked for: part by part, each committed before the next is begun."""

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import IO, Any

import orjson
from pymongo.client_session import ClientSession

from backend.access import Actor
from backend.clinical.rules import Ruleset
from backend.db import transaction
from backend.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.exports.makers import Maker, Rows, makers_of
from backend.files.csv import write_csv
from backend.files.sheet import Head, Sheet
from backend.listings.base import View
from backend.listings.selection import mark_of
from backend.models import export as exports
from backend.models.export import COMPLETE, FAILED, RUNNING, ExportFile, ExportRecord
from backend.models.staff import find_staff
from backend.models.study import Study
from backend.services.data_cut import frame_of
from backend.services.lease import Fence
from backend.services.ruleset import rules_in_force

MANIFEST = "manifest.json"
# Rows of a part, and bytes where a file is written whole: far below the 16 MB of a document.
ROWS_AT_A_TIME = 5_000
_BYTES = 4 * 1024 * 1024
_MOST_ATTEMPTS = 10


def make_next_export(
    *,
    study: Study,
    ruleset: Ruleset,
    fence: Fence,
    now: dt.datetime,
    stopping: Callable[[], bool],
) -> bool:
    """Make the export that is next, or go on with one that a clock had begun; False: there is none.

    Raises:
        FencedError: another clock has taken over.
    """
    export = exports.next_export()
    if export is None:
        return False
    begun = replace(export, state=RUNNING, attempts=export.attempts + 1)
    export = _keep(export, begun, fence)
    try:
        _make(export, study, ruleset, fence, now, stopping)
    except InvalidInput as error:
        _fail(export.id, "; ".join(fault.detail for fault in error.faults), now, fence)
    except (Forbidden, NotFound):
        _fail(export.id, "the leave to read this has ended, or the data cut is gone", now, fence)
    except Conflict as error:
        _fail(export.id, error.detail, now, fence)
    except Exception:
        if export.attempts >= _MOST_ATTEMPTS:
            _fail(export.id, "it could not be made; the operator's log says more", now, fence)
        raise
    return True


def _make(
    export: ExportRecord,
    study: Study,
    ruleset: Ruleset,
    fence: Fence,
    now: dt.datetime,
    stopping: Callable[[], bool],
) -> None:
    staff = find_staff(export.asked_by)
    # The leave of the moment of asking, as long as it is held: a part and the next are of one leave.
    if staff is None or not staff.active or not set(export.grants) <= set(staff.grants):
        raise Forbidden
    frame = frame_of(export.cut, now=export.asked_at)
    rules = rules_in_force(frame.ruleset_version, ruleset)
    view = View(Actor(staff.id, export.grants), frame, study, rules, export.unblinded)
    makers = makers_of(export, view)
    if not makers:
        raise Forbidden
    export = _keep(export, replace(export, files_expected=len(makers) + 1), fence)
    for maker in makers[len(export.files) :]:
        if stopping():
            return
        if maker.rows is None:
            export = _write_whole(export, maker, fence)
        else:
            found = _write_parts(export, maker, maker.rows, view, fence, stopping)
            if found is None:
                return
            export = found
    _write_manifest(export, view, fence, now)


def _write_parts(
    export: ExportRecord,
    maker: Maker,
    rows: Rows,
    view: View,
    fence: Fence,
    stopping: Callable[[], bool],
) -> ExportRecord | None:
    """Write a listing from its mark on; None where the process is to stop before it is whole."""
    listing, columns = rows.listing, rows.listing.columns_for(view)
    found = listing.rows_for(view, rows.selection, after=export.mark or None)
    while batch := list(islice(found, ROWS_AT_A_TIME)):
        if stopping():
            return None
        first = export.parts == 0
        moved = replace(
            export,
            rows=export.rows + len(batch),
            parts=export.parts + 1,
            mark=mark_of(batch[-1], None, listing.key),
        )
        data = _encoded(columns, batch, header=first)
        export = _keep(export, moved, fence, part=(maker.name, data))
    if export.parts == 0:
        empty = _encoded(columns, [], header=True)
        export = _keep(export, replace(export, parts=1), fence, part=(maker.name, empty))
    return _close(export, maker.name, fence)


def _encoded(columns: Sequence[Head], rows: Iterable[Mapping[str, Any]], *, header: bool) -> bytes:
    at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return b"".join(write_csv(Sheet("", "", (), columns, rows, at), header=header))


def _write_whole(export: ExportRecord, maker: Maker, fence: Fence) -> ExportRecord:
    """Write a file that is made in one go; what an earlier attempt left is removed first."""
    exports.remove_parts(export.id, maker.name)
    export = _keep(export, replace(export, parts=0, rows=0, mark=()), fence)
    with tempfile.TemporaryFile() as file:
        if maker.write is not None:
            maker.write(file)
        file.seek(0)
        for data in _blocks(file):
            moved = replace(export, parts=export.parts + 1)
            export = _keep(export, moved, fence, part=(maker.name, data))
    return _close(export, maker.name, fence, rows=None)


def _write_manifest(export: ExportRecord, view: View, fence: Fence, now: dt.datetime) -> None:
    """Write what each file must be, as SHA-256, and what the files were made from."""
    exports.remove_parts(export.id, MANIFEST)
    frame = view.frame
    said = {
        "study": view.study.id,
        "label": "unblinded" if view.unblinded else "blinded",
        "data_cut": frame.cut,
        "cutoff": frame.cutoff.isoformat() if frame.cutoff else None,
        "as_of": frame.now.isoformat(),
        "study_version": frame.study_version or view.study.version,
        "ruleset_version": frame.ruleset_version or view.ruleset.version,
        "files": [
            {"name": file.name, "size": file.size, "sha256": file.sha256, "rows": file.rows}
            for file in export.files
        ],
    }
    data = orjson.dumps(said, option=orjson.OPT_INDENT_2)
    moved = replace(export, parts=1, rows=0, mark=())
    export = _keep(export, moved, fence, part=(MANIFEST, data))
    closed = _closed(export, MANIFEST, rows=None)
    _keep(export, replace(closed, state=COMPLETE, completed_at=now), fence)


def _close(export: ExportRecord, name: str, fence: Fence, rows: int | None = -1) -> ExportRecord:
    """Note a finished file with its digest and make way for the next one."""
    counted = export.rows if rows == -1 else rows
    return _keep(export, _closed(export, name, rows=counted), fence)


def _closed(export: ExportRecord, name: str, *, rows: int | None) -> ExportRecord:
    digest, size = hashlib.sha256(), 0
    for data in exports.parts_of(export.id, name):
        digest.update(data)
        size += len(data)
    file = ExportFile(name, size, digest.hexdigest(), rows)
    return replace(export, files=(*export.files, file), rows=0, parts=0, mark=())


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while data := file.read(_BYTES):
        yield data


def _fail(export_id: str, detail: str, now: dt.datetime, fence: Fence) -> None:
    known = exports.find_export(export_id)
    if known is not None:
        _keep(known, replace(known, state=FAILED, detail=detail, completed_at=now), fence)


def _keep(
    known: ExportRecord,
    changed: ExportRecord,
    fence: Fence,
    *,
    part: tuple[str, bytes] | None = None,
) -> ExportRecord:
    """Commit the next state, and the part that it tells of, together."""
    moved = replace(changed, rev=known.rev + 1)

    def story(session: ClientSession) -> None:
        fence.check(session)
        if part is not None:
            name, data = part
            exports.insert_part(moved.id, name, moved.parts, data, session=session)
        if not exports.replace_export(moved, session=session):
            # Another clock has gone on with it: nothing of ours may stay.
            message = "the export has moved on"
            raise RuntimeError(message)

    transaction(story)
    return moved
