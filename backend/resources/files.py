"""Files as answers: a sheet in the kind that was asked for, with its name and its digest."""

import base64
import hashlib
import tempfile
from collections.abc import Iterator
from typing import IO, Any

import flask

from backend.files.csv import write_csv
from backend.files.kinds import CONTENT_TYPES, write_sheet
from backend.files.sheet import Sheet

# Beyond this a file that is made before it is sent lies on the disk.
_IN_MEMORY = 4 * 1024 * 1024
_BLOCK = 256 * 1024
# What the document says of an answer that may be one of several kinds of file.
BINARY = {"type": "string", "format": "binary"}
SHEET_KINDS = ("csv", "xlsx", "pdf")


def answers_files(*kinds: str, schema: Any = None) -> dict[str, Any]:  # noqa: ANN401 - marshmallow's
    """Give what a route's documentation says of an answer in these kinds of file, or as JSON."""
    content = {
        CONTENT_TYPES[kind].partition(";")[0]: {
            # JSON is read as such by whoever follows the document, also where it is a file.
            "schema": {"type": "object"} if kind == "json" else BINARY
        }
        for kind in kinds
    }
    if schema is not None:
        content["application/json"] = {"schema": schema}
    return {"200": {"content": content}}


def send_sheet(sheet: Sheet, kind: str, *, repeatable: bool) -> flask.Response:
    """Send a sheet as csv, xlsx or pdf.

    `repeatable`: the same request gives the same bytes for ever, so their SHA-256 goes along
    (`Repr-Digest`, RFC 9530). Else CSV is sent while it is written, in constant memory.
    """
    name = f"{sheet.name}.{kind}"
    if kind == "csv" and not repeatable:
        return _answer(write_csv(sheet), kind, name)
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when it has been sent
    try:
        write_sheet(sheet, kind, file)
    except BaseException:
        file.close()
        raise
    return send_file(file, kind, name)


def send_file(file: IO[bytes], kind: str, name: str) -> flask.Response:
    """Send a finished file with its SHA-256; it is closed afterwards."""
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(_BLOCK):
        digest.update(block)
    answer = _answer(_blocks(file), kind, name)
    answer.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    answer.headers["Content-Length"] = str(file.tell())
    # Also where nobody reads it.
    answer.call_on_close(file.close)
    return answer


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


def _answer(body: Iterator[bytes], kind: str, name: str) -> flask.Response:
    return flask.Response(
        body,
        content_type=CONTENT_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
