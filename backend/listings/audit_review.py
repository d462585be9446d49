"""The audit trail as a listing: who did what to which thing, when and why, the oldest first."""

import datetime as dt
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from backend.access import Action
from backend.errors import Fault, InvalidInput
from backend.files.sheet import LIST, MOMENT, plain
from backend.listings.base import Asked, Column, Listing
from backend.models.audit import stream_entries

Row = Mapping[str, Any]


def _details(row: Row) -> list[str]:
    told = row.get("details", {})
    return [f"{name}: {plain(told[name])}" for name in sorted(told) if name != "reason"]


COLUMNS = (
    Column("at", "When", "local", itemgetter("at"), MOMENT),
    Column("actor_id", "Who", "local", itemgetter("actor_id")),
    Column("action", "What", "local", itemgetter("action")),
    Column("target", "To which thing", "local", itemgetter("target")),
    Column("site", "Site", "DM.SITEID", lambda row: row.get("site")),
    Column("subject_id", "Subject", "DM.USUBJID", lambda row: row.get("subject_id")),
    Column("why", "Why", "local", lambda row: row.get("details", {}).get("reason")),
    Column("details", "Details", "local", _details, LIST),
    Column("id", "Entry", "local", itemgetter("_id")),
)


def _stream(asked: Asked) -> Iterator[Row]:
    return stream_entries(asked.frame, asked.sites, after=_mark(asked.after))


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
