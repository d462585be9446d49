"""What an export is made of: its files in a fixed order, each with the function that writes it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from backend import access
from backend.access import Action
from backend.files.kinds import write_sheet
from backend.listings.base import Listing, View
from backend.listings.registry import LISTINGS
from backend.listings.selection import EVERYTHING, Selection
from backend.listings.sheets import label_of, sheet_of
from backend.models.export import ExportRecord
from backend.submission.package import KINDS as KINDS_OF_DATASETS
from backend.submission.package import write_package
from backend.submission.source import source_of
from backend.tables.population import GROUPS, Asked
from backend.tables.registry import TABLES, Table

LISTING, PACKAGE = "listing", "package"
KINDS = (LISTING, PACKAGE)
FORMATS = ("csv", "xlsx", "pdf")


@dataclass(frozen=True, slots=True)
class Rows:
    """A listing's CSV: written in parts, so that it can go on after any of them."""

    listing: Listing
    selection: Selection


@dataclass(frozen=True, slots=True)
class Maker:
    """One file of an export. `rows` where it is written in parts, else `write` writes it whole."""

    name: str
    write: Callable[[IO[bytes]], None] | None = None
    rows: Rows | None = None


def makers_of(export: ExportRecord, view: View) -> tuple[Maker, ...]:
    """Give the files of an export; a package has all that its reader may read."""
    if export.kind == PACKAGE:
        return tuple(_package(view))
    listing = listing_called(str(export.listing))
    return (_of_listing(listing, view, selection_of(export), export.format),)


def listing_called(name: str) -> Listing:
    """Give a listing by its name.

    Raises:
        KeyError: there is none.
    """
    return {listing.name: listing for listing in LISTINGS}[name]


def selection_of(export: ExportRecord) -> Selection:
    """Give the rows that an export was asked for."""
    return Selection.from_stored(export.query)


def _package(view: View) -> Iterator[Maker]:
    for listing in LISTINGS:
        if access.may(view.actor, listing.action):
            for kind in ("csv", "xlsx"):
                yield _of_listing(listing, view, EVERYTHING, kind)
    if access.may(view.actor, Action.ADVERSE_EVENT_READ):
        yield from _tables(view)
    if access.may(view.actor, Action.SUBMISSION_READ):
        for kind in KINDS_OF_DATASETS:
            yield _of_datasets(kind, view)


def _of_datasets(kind: str, view: View) -> Maker:
    scope = access.scope(view.actor, Action.SUBMISSION_READ)
    if view.unblinded:
        scope = access.common(scope, access.scope(view.actor, Action.ARM_READ))

    def write(target: IO[bytes]) -> None:
        source = source_of(
            view.frame, scope.sites, view.study, view.ruleset, unblinded=view.unblinded
        )
        write_package(source, kind, target)

    return Maker(f"{kind}-{label_of(view)}.zip", write)


def _tables(view: View) -> Iterator[Maker]:
    scope = access.scope(view.actor, Action.ARM_READ) if view.unblinded else None
    for group in GROUPS:
        asked = Asked(group, view.actor, view.frame, view.study, view.ruleset, scope)
        for table in TABLES:
            for kind in ("csv", "pdf"):
                yield _of_table(table, asked, label_of(view), kind)


def _of_table(table: Table, asked: Asked, label: str, kind: str) -> Maker:
    def write(target: IO[bytes]) -> None:
        write_sheet(table.sheet(table.count(asked, None), asked), kind, target)

    return Maker(f"{table.name}-{asked.group}-{label}.{kind}", write)


def _of_listing(listing: Listing, view: View, selection: Selection, kind: str) -> Maker:
    name = f"{listing.name}-{label_of(view)}.{kind}"
    if kind == "csv" and selection.sort is None:
        return Maker(name, rows=Rows(listing, selection))

    def write(target: IO[bytes]) -> None:
        write_sheet(sheet_of(listing, view, selection), kind, target)

    return Maker(name, write)
