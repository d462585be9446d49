"""From an answer to the entry that says who read it: which subjects, how many rows, by which query."""

from typing import Any

import flask

from backend.access import Action, Actor
from backend.context import Context
from backend.services.read_trail import Read, record_read

_METHODS = ("GET", "HEAD")
# A page of a list is read for its subjects; a longer answer is a file, which its query can make again.
_LARGEST_READ = 2 * 1024 * 1024


def note_read(action: Action, answer: object, *, actor: Actor, here: Context) -> None:
    """Write down that an actor read this answer, if it was a read and has something to show.

    A stream that is taken up again is the same reading (`Last-Event-ID`), and so is an answer that
    says that nothing has changed.
    """
    request = flask.request
    if (
        request.method not in _METHODS
        or not isinstance(answer, flask.Response)
        or answer.status_code not in (200, 206)
        or "Last-Event-ID" in request.headers
    ):
        return
    told = _told(answer)
    subject_id = (request.view_args or {}).get("subject_id") or told.get("subject_id")
    details: dict[str, Any] = {}
    if request.args:
        details["query"] = {name: request.args.getlist(name) for name in sorted(request.args)}
        details["query"].pop("cursor", None)
    rows = told.get("items")
    if isinstance(rows, list):
        details["rows"] = len(rows)
        if not subject_id:
            details["subjects"] = _subjects(rows, action)
    read = Read(
        action,
        request.path.removeprefix("/api/v1/"),
        str(subject_id) if subject_id else None,
        {name: value for name, value in details.items() if value},
    )
    record_read(read, actor=actor, now=here.clock(), ids=here.ids)


def _subjects(rows: list[Any], action: Action) -> list[str]:
    # A subject's own row has its number as its id.
    key = "id" if action is Action.SUBJECT_READ else "subject_id"
    return sorted({row[key] for row in rows if isinstance(row, dict) and row.get(key)})


def _told(answer: flask.Response) -> dict[str, Any]:
    if answer.is_streamed or not answer.is_json or len(answer.get_data()) > _LARGEST_READ:
        return {}
    told = answer.get_json(silent=True)
    return told if isinstance(told, dict) else {}
