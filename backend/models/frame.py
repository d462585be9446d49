"""Where a review reads from: the live collections, or the frozen copies of one data cut."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.models.base import StoredDocument

# A cut's copies lie beside the live collections, under the same names and indexes.
PREFIX = "cut"


@dataclass(frozen=True, slots=True)
class Frame:
    """The live data (`cut` None), or a cut's: what had happened up to and with the day `cutoff`.

    `now` is the moment as of which anything is overdue, ongoing or still open: for a cut the moment
    at which it was taken, so that the same cut says the same for ever.
    """

    now: dt.datetime
    cut: str | None = None
    cutoff: dt.date | None = None
    # In force when the cut was taken; None: those in force now.
    study_version: str | None = None
    ruleset_version: str | None = None

    @property
    def as_of(self) -> dt.date:
        """Give the last day that is known about: the cut-off, or today in UTC."""
        return self.cutoff or self.now.date()

    def collection(self, document: type[StoredDocument]) -> Any:  # noqa: ANN401 - pymongo's is generic
        """Give the collection of one kind of document to read from."""
        live = document._get_collection()  # noqa: SLF001
        return live if self.cut is None else live.database[cut_name(self.cut, live.name)]


def cut_name(cut: str, collection: str) -> str:
    """Give the name of a cut's copy of a collection."""
    return f"{PREFIX}.{cut}.{collection}"


def whose(
    subject: str | None, since: str | None = None, *, key: str = "subject_id"
) -> dict[str, Any]:
    """Give the query for one subject, for all from one on, or for everybody."""
    if subject is not None:
        return {key: subject}
    return {} if since is None else {key: {"$gte": since}}


def stream(
    frame: Frame,
    document: type[StoredDocument],
    order: tuple[tuple[str, int], ...],
    *,
    sites: Collection[str] | None,
    fields: Mapping[str, int] | tuple[str, ...] | None = None,
    query: Mapping[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """Give stored documents of `sites` (None: all) in an index's own order, as they are read.

    The sites are told apart here: a second condition would keep a server that scans one index at a
    time from using the one that gives the order (docs/database.md).
    """
    found = frame.collection(document).find(dict(query or {}), fields).sort(list(order))
    for stored in found:
        if sites is None or stored["site"] in sites:
            yield stored
