"""The audit trail as a listing: who did what to which thing, when and why, the oldest first."""

import datetime as dt
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from backend.access import Action
from backend.errors import Fault, InvalidInput
from backend.files.sheet import INTEGER, LIST, MOMENT, plain
from backend.listings.base import Asked, Column, Listing
from backend.models.audit import stream_entries

Row = Mapping[str, Any]


def _told(row: Row) -> Row:
    told: Row = row.get("details", {})
    return told


def _origin(row: Row) -> Row:
    found: Row = row.get("origin", {})
    return found


def _device(row: Row) -> str | None:
    """Give the phone, else the sign-in and the kind of client, else the process."""
    found = _origin(row)
    if found.get("device_id"):
        return f"phone {found['device_id']}"
    parts = [found.get("kind"), found.get("session_id"), found.get("client")]
    return " ".join(str(part) for part in parts if part) or None


def _changes(row: Row) -> list[str]:
    return [
        f"{name}: {_value(pair.get('old'))} -> {_value(pair.get('new'))}"
        for name, pair in sorted(row.get("changes", {}).items())
    ]


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(below)}" for name, below in sorted(value.items()))
    return "nothing" if value is None else str(plain(value))


def _details(row: Row) -> list[str]:
    told = _told(row)
    return [f"{name}: {plain(told[name])}" for name in sorted(told) if name != "reason"]


COLUMNS = (
    Column("at", "When", "local", itemgetter("at"), MOMENT),
    Column("actor_id", "Who", "local", itemgetter("actor_id")),
    Column("action", "What", "local", itemgetter("action")),
    Column("target", "To which thing", "local", itemgetter("target")),
    Column("site", "Site", "DM.SITEID", lambda row: row.get("site")),
    Column("subject_id", "Subject", "DM.USUBJID", lambda row: row.get("subject_id")),
    Column("why", "Why", "local", lambda row: row.get("reason") or _told(row).get("reason")),
    Column("changes", "Old and new", "local", _changes, LIST),
    Column("details", "Details", "local", _details, LIST),
    Column("device", "From which device", "local", _device),
    Column("request", "Request", "local", lambda row: _origin(row).get("request_id")),
    Column("stream", "Chain", "local", lambda row: row.get("stream")),
    Column("seq", "Place in the chain", "local", lambda row: row.get("seq"), INTEGER),
    Column("sha256", "SHA-256", "local", lambda row: row.get("sha256")),
    Column("id", "Entry", "local", itemgetter("_id")),
)


def _stream(asked: Asked) -> Iterator[Row]:
    for row in stream_entries(asked.frame, asked.sites, after=_mark(asked.after)):
        seen = asked.clinical is None or row.get("site") in asked.clinical
        if row.get("subject_id") is None or seen:
            yield row
        else:
            yield {**row, "reason": None, "changes": {}}


def _mark(after: tuple[Any, ...] | None) -> tuple[dt.datetime, str] | None:
    """Give the mark with its time.

    Raises:
        InvalidInput: no time: the cursor is none of this listing.
    """
    if after is None:
        return None
    try:
        at = dt.datetime.fromisoformat(after[0])
        return at.astimezone(dt.UTC), after[1]
    except (ValueError, OverflowError) as error:
        raise InvalidInput(faults=(Fault("cursor", "not a cursor of this listing"),)) from error


AUDIT_REVIEW = Listing(
    name="audit-review",
    title="Audit trail: who did what, when and why",
    action=Action.AUDIT_READ,
    columns=COLUMNS,
    key=("at", "id"),
    stream=_stream,
    population="Every entry about the sites that the reader may see; entries of no site are for"
    " readers of all",
)
