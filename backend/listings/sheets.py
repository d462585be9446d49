"""A listing as a sheet, from which each kind of file is written."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from backend import access
from backend.errors import Fault, InvalidInput
from backend.files.sheet import Sheet
from backend.listings.base import Listing, View
from backend.listings.selection import Selection
from backend.services.review import facts_of
from backend.services.unblinding import BLINDED, UNBLINDED

# While somebody waits for it; an export makes longer ones in the background.
AT_ONCE = {"xlsx": 50_000, "pdf": 5_000}


def label_of(view: View) -> str:
    """Say whether a view is blinded or unblinded."""
    return UNBLINDED if view.unblinded else BLINDED


def sheet_of(
    listing: Listing, view: View, selection: Selection, *, at_most: int | None = None
) -> Sheet:
    """Give the selected rows of a listing as a sheet; they are read while the file is written.

    `at_most`: so many rows, else InvalidInput while they are read.
    """
    rows: Iterator[Mapping[str, Any]] = listing.rows_for(view, selection)
    label = label_of(view)
    sites = access.scope(view.actor, listing.action).sites
    order = selection.sort or ", ".join(listing.key)
    return Sheet(
        name=f"{listing.name}-{label}",
        title=listing.title,
        facts=(
            *facts_of(
                view.frame,
                view.study,
                view.ruleset,
                label=label,
                population=listing.population,
                sites=sites,
            ),
            ("Filter", selection.in_words()),
            ("Order", f"{order}, descending" if selection.descending else order),
        ),
        columns=listing.columns_for(view),
        rows=rows if at_most is None else _limited(rows, at_most),
        made_at=view.frame.now,
    )


def _limited(rows: Iterator[Mapping[str, Any]], at_most: int) -> Iterator[Mapping[str, Any]]:
    yield from islice(rows, at_most)
    if next(rows, None) is not None:
        detail = f"more than {at_most} rows: narrow the filters, take CSV, or make an export"
        raise InvalidInput(faults=(Fault("format", detail),))
